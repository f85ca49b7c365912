"""From the intermediate representation to assembly text: selection, allocation, emission, and the checker."""
