"""Logistic regression by Newton's method: gradient and Hessian in closed form."""

import numpy as np

import matcalc

LOSS = "sum(softplus(X*w)) - y'*(X*w) + lambda*w'*w"
WHERE = "X: n×d, w: d, y: n, lambda: scalar"
gradient = matcalc.derive(LOSS, "w", where=WHERE)
hessian = matcalc.derive(LOSS, "w", where=WHERE, order=2)
print("gradient:", gradient)
print("Hessian: ", hessian)

rng = np.random.default_rng(1)
X = rng.normal(size=(60, 4))
y = (X @ np.array([1.0, -2.0, 0.5, 0.0]) + rng.normal(size=60) > 0).astype(float)
w = np.zeros(4)
grad, hess = gradient.compile(), hessian.compile()
for step in range(8):
    g = grad(X=X, w=w, y=y, **{"lambda": 0.1})
    print(f"step {step}: |gradient| = {np.linalg.norm(g):.1e}")
    w = w - np.linalg.solve(hess(X=X, w=w, y=y, **{"lambda": 0.1}), g)
assert np.linalg.norm(g) < 1e-8
