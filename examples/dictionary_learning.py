"""Dictionary learning: both gradients of ‖X − D·R‖²_F from one sweep, and a few steps of gradient descent with them."""

import numpy as np

import matcalc

derived = matcalc.derive("||X - D*R||_F^2", ["D", "R"], where="X: m×n, D: m×k, R: k×n")
for name, d in derived.items():
    print(f"df/d{name} = {d}")

rng = np.random.default_rng(0)
X, D, R = rng.normal(size=(8, 12)), rng.normal(size=(8, 3)), rng.normal(size=(3, 12))
by_d, by_r = derived["D"].compile(), derived["R"].compile()
losses = []
for _ in range(200):
    losses.append(float(np.sum((X - D @ R) ** 2)))
    D, R = D - 0.005 * by_d(X=X, D=D, R=R), R - 0.005 * by_r(X=X, D=D, R=R)
print(f"loss {losses[0]:.1f} -> {losses[-1]:.1f}")
assert losses[-1] < losses[0] / 2
