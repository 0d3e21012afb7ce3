"""Extensions F_p[x] / (x^e - 7) of degree e = 1, 2 or 3 of the Goldilocks field.

7 generates the multiplicative group of F_p, and 2 and 3 divide p - 1, so both polynomials are irreducible
(Lidl and Niederreiter, theorem 3.75). An array of extension elements has the e coefficients on axis 0.
"""

from __future__ import annotations

import numpy as np

from desktop_app.core.errors import BugError
from desktop_app.training import field
from desktop_app.training.field import GENERATOR, Array, P

Element = tuple[int, ...]
"""One element as Python integers, the constant coefficient first."""

_BASE = np.uint64(GENERATOR)


def constant(value: int, degree: int) -> Element:
    """A base field value (any integer) as an element."""
    return (value % P, *([0] * (degree - 1)))


def embed(values: Array, degree: int) -> Array:
    """Base field elements, shape S, as extension elements, shape (degree, *S)."""
    result = np.zeros((degree, *values.shape), dtype=np.uint64)
    result[0] = values
    return result


def spread(element: Element, dimensions: int) -> Array:
    """One element in the shape that broadcasts against elements of `dimensions` further axes."""
    return np.asarray(element, dtype=np.uint64).reshape(-1, *([1] * dimensions))


def mul(left: Array, right: Array) -> Array:
    """The product of elements; all axes but the first broadcast."""
    degree = len(left)
    products = [[field.mul(left[i], right[j]) for j in range(degree - i)] for i in range(degree)]
    result = []
    for k in range(degree):
        low = products[0][k]
        for i in range(1, k + 1):
            low = field.add(low, products[i][k - i])
        # x^e = 7 folds the upper half of the product back.
        over = [field.mul(left[i], right[k + degree - i]) for i in range(k + 1, degree)]
        if over:
            high = over[0]
            for term in over[1:]:
                high = field.add(high, term)
            low = field.add(low, field.mul(high, _BASE))
        result.append(low)
    return np.stack(result)


def mul_elements(left: Element, right: Element) -> Element:
    """The product of two single elements."""
    degree = len(left)
    result = [0] * degree
    for i, a in enumerate(left):
        for j, b in enumerate(right):
            fold = GENERATOR if i + j >= degree else 1
            result[(i + j) % degree] += a * b * fold
    return tuple(value % P for value in result)


def add_elements(left: Element, right: Element) -> Element:
    return tuple((a + b) % P for a, b in zip(left, right, strict=True))


def scale_element(element: Element, factor: int) -> Element:
    """The element times a base field value (any integer)."""
    return tuple(value * factor % P for value in element)


def power(element: Element, exponent: int) -> Element:
    result = constant(1, len(element))
    while exponent:
        if exponent & 1:
            result = mul_elements(result, element)
        element = mul_elements(element, element)
        exponent >>= 1
    return result


def inverse_element(element: Element) -> Element:
    """1 / element; raises ZeroDivisionError for zero."""
    if not any(element):
        raise ZeroDivisionError("zero has no inverse")
    return power(element, P ** len(element) - 2)


def inverse(values: Array) -> Array:
    """1 / values for shape (e, n), by Montgomery's trick in a tree; raises ZeroDivisionError for a zero."""
    degree, count = values.shape
    if not count:
        return values.copy()
    if bool((values == 0).all(axis=0).any()):
        raise ZeroDivisionError("zero has no inverse")
    if degree == 2:
        # 1 / (a + b x) = (a - b x) / (a^2 - 7 b^2): the norm is 0 for 0 only, as 7 is no square.
        squares = field.mul(values, values)
        norm = field.sub(squares[0], field.mul(squares[1], _BASE))
        return field.mul(np.stack([values[0], field.neg(values[1])]), inverse(norm[None]))
    levels = [values]
    while levels[-1].shape[1] > 1:
        level = levels[-1]
        even, odd = level[:, : level.shape[1] // 2 * 2 : 2], level[:, 1::2]
        levels.append(np.concatenate([mul(even, odd), level[:, 2 * odd.shape[1] :]], axis=1))
    top = tuple(int(value) for value in levels[-1][:, 0])
    inverted = np.asarray(inverse_element(top), dtype=np.uint64).reshape(degree, 1)
    for level in reversed(levels[:-1]):
        pairs = level.shape[1] // 2
        below = np.empty_like(level)
        below[:, 0 : 2 * pairs : 2] = mul(inverted[:, :pairs], level[:, 1 : 2 * pairs : 2])
        below[:, 1 : 2 * pairs : 2] = mul(inverted[:, :pairs], level[:, 0 : 2 * pairs : 2])
        below[:, 2 * pairs :] = inverted[:, pairs:]
        inverted = below
    return inverted


def dot(left: Array, right: Array) -> Element:
    """The sum of the products of two vectors of elements, shape (e, n) each."""
    if left.shape != right.shape:
        raise BugError(f"vectors of shapes {left.shape} and {right.shape}")
    return tuple(int(value) for value in field.total(mul(left, right)))


def total(values: Array) -> Element:
    """The sum of a vector of elements, shape (e, n)."""
    return tuple(int(value) for value in field.total(values))


def as_element(values: Array) -> Element:
    """A single element from shape (e,)."""
    return tuple(int(value) for value in values)
