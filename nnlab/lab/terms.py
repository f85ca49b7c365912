"""The gradient terms of a module: the summands of every expression in it that a gradient is made from.

Read from the source, by the library's own rules of naming. *Gradient functions* are `…backward` and `derivative`, and
whatever adds to a `.grad`. In them a *gradient* is an argument whose name begins with d, a name that is assigned from
an expression of gradients, d + another name of the function (`dphi`), a `.grad`, and what is returned. What one is
given, by an assignment, `return`, `+=`, `np.add.at`, or as the argument of another backward, falls into *terms*:

- a + b, a - b: those of a and of b;
- a * b, a @ b, a / b: those of a factor that is a sum, since the product distributes over it; likewise -a, a.sum(),
  a.reshape(); where no factor is a sum the product is one term;
- np.where(c, a, b), `a if c else b`, tuples, lists, comprehensions, np.concatenate: those of each part;
- anything else is one term, but zeros are none.

An expression that only hands a gradient on is no term: a bare name (`g = dy`), `borrow(self, dy)`, room that is filled
in afterwards, tuples of what was made elsewhere, the bare call of another backward, whose own terms are counted there.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from nnlab.lab.source import Function, definitions

#: What is asked of a gradient without its values: attributes and functions.
_FORM = {"shape", "ndim", "size", "dtype", "len", "zeros", "zeros_like", "empty", "empty_like"}
#: Functions that check or cut up a gradient.
_HANDLERS = {"borrow", "split"}
#: Functions that write their third argument into their first.
_WRITERS = {"np.add.at", "np.put_along_axis"}


@dataclass(frozen=True)
class Term:
    """A term's expression, and the function around it with its qualified name."""

    qualname: str
    function: Function
    expression: ast.expr


def gradient_terms(tree: ast.Module) -> Iterator[Term]:
    """Every gradient term of the module, in the order of the source."""
    for qualname, function in definitions(tree):
        if _is_gradient_function(function):
            yield from _terms_of(qualname, function)


def _is_gradient_function(function: Function) -> bool:
    if function.name.endswith("backward") or function.name == "derivative":
        return True
    sums = (node for node in ast.walk(function) if isinstance(getattr(node, "op", ast.Add()), ast.Add | ast.Sub))
    return any(".grad" in _names(target) for node in sums for target, _ in _added(node))


def _terms_of(qualname: str, function: Function) -> Iterator[Term]:
    gradients, every = _gradient_names(function), list(ast.walk(function))
    filled = {name for node in every for name in _filled(node)}
    statements = [node for node in every if isinstance(node, ast.stmt) and not hasattr(node, "body")]
    for statement in sorted(statements, key=_position):
        values = [value for node in ast.walk(statement) for value in _handed_to_backward(node, gradients)]
        for target, value in _given(statement):
            if target is None or (_names(target) & gradients and not _makes_room(target, value, filled)):
                values.append(value)
        terms = [term for value in values for part in _parts(value) if _is_made(part) for term in _split(part)]
        terms += [term for target, value in _added(statement) if _names(target) & gradients for term in _split(value)]
        for expression in sorted(terms, key=_position):
            yield Term(qualname, function, expression)


def _gradient_names(function: Function) -> set[str]:
    """The names of gradients in a function; `.grad` is one of them everywhere."""
    every = list(ast.walk(function))
    known = {node.id for node in every if isinstance(node, ast.Name)}
    found = {".grad"} | {name for name in known if name.startswith("d") and name[1:] in known}
    found |= {argument.arg for argument in function.args.args if argument.arg.startswith("d")}
    pairs = [pair for node in every for pair in (*_given(node), *_added(node))]
    for target, value in pairs:
        if target is None:
            found |= {part.id for part in _parts(value) if isinstance(part, ast.Name)}
    while new := {name for t, v in pairs if t is not None and _mentions(v, found) for name in _names(t)} - found:
        found |= new
    return found


def _given(node: ast.AST) -> Iterator[tuple[ast.expr | None, ast.expr]]:
    """Target and value of what a statement assigns; of what it returns, without a target."""
    match node:
        case ast.Return(value=ast.expr() as value):
            yield None, value
        case ast.AnnAssign(target=target, value=ast.expr() as value):
            yield target, value
        case ast.Assign(targets=[ast.Tuple(elts=several)], value=ast.Tuple(elts=values)):
            yield from zip(several, values, strict=True)
        case ast.Assign(targets=targets, value=value):
            yield from ((target, value) for target in targets)


def _added(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Target and value of what a statement adds to something, multiplies it by, or writes to some entries of it."""
    if isinstance(node, ast.AugAssign):
        yield node.target, node.value
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and _called(node.value) in _WRITERS:
        yield node.value.args[0], node.value.args[2]


def _filled(node: ast.AST) -> set[str]:
    """The name whose entries are written here, or that is unpacked."""
    match node:
        case ast.Subscript(ctx=ast.Store()):
            return _names(node)
        case ast.Assign(targets=[ast.Tuple()], value=ast.Name(id=name)):
            return {name}
    return set()


def _makes_room(target: ast.expr, value: ast.expr, filled: set[str]) -> bool:
    """Whether a call returns several things, or an array (or a view of one) whose entries are written later."""
    several = isinstance(target, ast.Tuple)
    return isinstance(value, ast.Call) and (several or (isinstance(target, ast.Name) and target.id in filled))


def _handed_to_backward(node: ast.AST, gradients: set[str]) -> Iterator[ast.expr]:
    if isinstance(node, ast.Call) and _called(node).endswith("backward"):
        yield from (argument for argument in node.args if _mentions(argument, gradients))


def _parts(value: ast.expr) -> Iterator[ast.expr]:
    """The alternatives and members of a value, down to its single expressions."""
    match value:
        case ast.Tuple(elts=members) | ast.List(elts=members):
            branches = members
        case ast.IfExp(body=body, orelse=orelse):
            branches = [body, orelse]
        case ast.ListComp(elt=member) | ast.GeneratorExp(elt=member):
            branches = [member]
        case ast.Call(func=ast.Name(id="tuple"), args=[ast.GeneratorExp(elt=member)]):
            branches = [member]
        case ast.Starred() | ast.Call(func=ast.Name(id="tuple")):
            return  # several values, which are made elsewhere
        case _:
            yield value
            return
    for branch in branches:
        yield from _parts(branch)


def _is_made(part: ast.expr) -> bool:
    """Whether a gradient is made here, and not only handed on."""
    if isinstance(part, ast.Call):
        name = _called(part)
        return not (name.endswith("backward") or name.rpartition(".")[2] in _FORM | _HANDLERS)
    return not isinstance(part, ast.Name | ast.Constant)


def _split(value: ast.expr) -> list[ast.expr]:
    """The summands of an expression, through products, choices and joins."""
    match value:
        case ast.Constant(value=0 | 0.0 | None):
            return []
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub(), right=right):
            return _split(left) + _split(right)
        case ast.BinOp(left=left, op=ast.Mult() | ast.MatMult(), right=right):
            inner = [terms for factor in (left, right) if len(terms := _split(factor)) > 1]
        case ast.BinOp(left=left, op=ast.Div()) | ast.UnaryOp(op=ast.USub(), operand=left):
            inner = [_split(left)]
        case ast.Call(func=ast.Attribute(value=left, attr="sum" | "reshape")):
            inner = [_split(left)]
        case ast.IfExp(body=first, orelse=second):
            inner = [_split(first) + _split(second)]
        case ast.Call(args=[_, first, second]) if _called(value) == "np.where":
            inner = [_split(first) + _split(second)]
        case ast.Call(args=[joined, *_]) if _called(value) == "np.concatenate":
            inner = [[term for part in _parts(joined) for term in _split(part)]]
        case _:
            return [value]
    terms = [term for branch in inner for term in branch]
    return terms if len(terms) > 1 else [value]


def _mentions(value: ast.AST, gradients: set[str]) -> bool:
    """Whether the values of a gradient enter, and not its form alone."""
    match value:
        case ast.Attribute(attr=name) | ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name)) if name in _FORM:
            return False
        case ast.Name(id=name):
            return name in gradients
    return any(_mentions(child, gradients) for child in ast.iter_child_nodes(value))


def _names(target: ast.expr) -> set[str]:
    """The names that an assignment to `target` changes: `x` for x[i], `.grad` for layer.weight.grad[i]."""
    match target:
        case ast.Name(id=name):
            return {name}
        case ast.Attribute(attr=name):
            return {f".{name}"}
        case ast.Subscript(value=inner) | ast.Starred(value=inner):
            return _names(inner)
        case ast.Tuple(elts=members):
            return {name for member in members for name in _names(member)}
    return set()


def _called(call: ast.Call) -> str:
    return ast.unparse(call.func)


def _position(node: ast.stmt | ast.expr) -> tuple[int, int]:
    return node.lineno, node.col_offset
