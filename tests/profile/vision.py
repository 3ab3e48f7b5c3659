"""How colours look: contrast, and how far apart they are to people who see colours differently.

Handshark - TCP connections, explained
SPDX-License-Identifier: GPL-2.0-or-later
"""

import math

# What is left of a colour (linear RGB) where one kind of cone is missing: Machado, Oliveira and
# Fernandes, "A Physiologically-based Model for Simulation of Color Vision Deficiency" (2009), table
# of severity 1.0.
KINDS = {
    "all three kinds of cones": [(1, 0, 0), (0, 1, 0), (0, 0, 1)],
    "protanopia": [
        (0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ],
    "deuteranopia": [
        (0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ],
    "tritanopia": [
        (1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ],
}  # fmt: skip


def _linear(number):
    """0xRRGGBB as linear red, green and blue, each from 0 to 1 (sRGB, IEC 61966-2-1)."""
    parts = [((number >> shift) & 255) / 255 for shift in (16, 8, 0)]
    return [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]


def contrast(one, other):
    """The contrast ratio of WCAG 2.1, from 1 to 21."""
    weights = (0.2126, 0.7152, 0.0722)
    light = [sum(w * part for w, part in zip(weights, _linear(each))) for each in (one, other)]
    return (max(light) + 0.05) / (min(light) + 0.05)


def _product(matrix, vector):
    return [sum(a * b for a, b in zip(row, vector)) for row in matrix]


def _oklab(linear):
    """Ottosson's Oklab (2020), in which equal distances look about equally large."""
    cones = _product(
        [
            (0.4122214708, 0.5363325363, 0.0514459929),
            (0.2119034982, 0.6806995451, 0.1073969566),
            (0.0883024619, 0.2817188376, 0.6299787005),
        ],
        linear,
    )
    return _product(
        [
            (0.2104542553, 0.7936177850, -0.0040720468),
            (1.9779984951, -2.4285922050, 0.4505937099),
            (0.0259040371, 0.7827717662, -0.8086757660),
        ],
        [cone ** (1 / 3) for cone in cones],
    )


def distance(one, other, kind):
    """How far apart two colours are to an eye of one of the KINDS; black and white: 100."""
    seen = []
    for number in (one, other):
        parts = _product(KINDS[kind], _linear(number))
        seen.append(_oklab([min(1, max(0, part)) for part in parts]))
    return 100 * math.dist(*seen)
