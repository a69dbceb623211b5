"""The value of each snippet, written by hand in NumPy; lambda is lam, vectors are 1-D."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy import exp, log, sqrt, tanh, trace
from numpy.linalg import det, inv, norm

__all__ = ["VALUES"]


def sigmoid(x: Any) -> Any:
    """1/(1 + e^-x)"""
    return 1 / (1 + exp(-x))


def softmax(x: Any) -> Any:
    """e^x over its sum, along the last axis."""
    return exp(x) / exp(x).sum(axis=-1, keepdims=True)


def huber(x: Any) -> Any:
    """x²/2, and |x| − 1/2 from 1 on."""
    return np.where(abs(x) <= 1, x**2 / 2, abs(x) - 0.5)


def mahalanobis(x: Any, m: Any, S: Any) -> Any:
    """(x − m)ᵀ·S⁻¹·(x − m)"""
    return (x - m) @ inv(S) @ (x - m)


VALUES: dict[str, Callable[..., Any]] = {
    "Legendre (1805), least squares": lambda A, x, b: ((A @ x - b) ** 2).sum(),
    "Hoerl & Kennard (1970), ridge": lambda y, X, beta, lam: ((y - X @ beta) ** 2).sum() + lam * (beta**2).sum(),
    "Tibshirani (1996), lasso": lambda X, y, beta, lam: (
        ((y - X @ beta) ** 2).sum() / (2 * len(y)) + lam * abs(beta).sum()
    ),
    "Zou & Hastie (2005), elastic net": lambda y, X, beta, lambda_1, lambda_2: (
        ((y - X @ beta) ** 2).sum() + lambda_2 * (beta**2).sum() + lambda_1 * abs(beta).sum()
    ),
    "Aitken (1935), generalised least squares": lambda X, y, beta, Omega: mahalanobis(y, X @ beta, Omega),
    "Cox (1958), logistic regression": lambda X, y, w: (
        -sum(y * log(sigmoid(X @ w)) + (1 - y) * log(1 - sigmoid(X @ w)))
    ),
    "Cortes & Vapnik (1995), support vectors": lambda X, y, w, C: w @ w / 2 + C * np.maximum(0, 1 - y * (X @ w)).sum(),
    "Huber (1964)": lambda X, y, beta: huber(X @ beta - y).sum(),
    "Nelder & Wedderburn (1972), Poisson regression": lambda X, y, beta: exp(X @ beta).sum() - y @ (X @ beta),
    "Widrow & Hoff (1960)": lambda d, w, x: (d - w @ x) ** 2 / 2,
    "Rumelhart, Hinton & Williams (1986)": lambda W_1, W_2, x, t: (
        ((sigmoid(W_2 @ sigmoid(W_1 @ x)) - t) ** 2).sum() / 2
    ),
    "Hopfield (1982)": lambda W, s, theta: -(s @ W @ s) / 2 + theta @ s,
    "Ackley, Hinton & Sejnowski (1985)": lambda W, v, h, b, c: -(v @ W @ h) - b @ v - c @ h,
    "Hinton (2002), free energy of an RBM": lambda W, b, c, v: -(b @ v) - log(1 + exp(c + W.T @ v)).sum(),
    "Bridle (1990), softmax cross-entropy": lambda y, W, x, b: -(y @ log(softmax(W @ x + b))),
    "Hinton, Vinyals & Dean (2015), distillation": lambda p, z, T: -(p @ log(softmax(z / T))),
    "Vaswani et al. (2017), attention scores": lambda Q, K, V, Y, d: ((softmax(Q @ K.T / sqrt(d)) @ V - Y) ** 2).sum(),
    "Bahdanau et al. (2015), additive attention": lambda v, W, U, s, h: v @ tanh(W @ s + U @ h),
    "Ba, Kiros & Hinton (2016), gain and bias": lambda g, x, b, y: ((g * x + b - y) ** 2).sum(),
    "Ramachandran et al. (2017), swish": lambda X: (X * sigmoid(X)).sum(),
    "Gatys et al. (2016), style loss": lambda F, G: ((F @ F.T - G) ** 2).sum(),
    "Deerwester et al. (1990), low rank": lambda X, U, V: ((X - U @ V.T) ** 2).sum(),
    "Paatero & Tapper (1994), Lee & Seung (2001)": lambda V, W, H: ((V - W @ H) ** 2).sum() / 2,
    "Lee & Seung (2001), divergence": lambda V, W, H: (W @ H - V * log(W @ H)).sum(),
    "Koren, Bell & Volinsky (2009)": lambda M, R, P, Q, lam: (
        (M * (R - P @ Q.T) ** 2 * M).sum() + lam * ((P**2).sum() + (Q**2).sum())
    ),
    "Olshausen & Field (1996), sparse coding": lambda x, D, a, lam: ((x - D @ a) ** 2).sum() + lam * abs(a).sum(),
    "Aharon, Elad & Bruckstein (2006), K-SVD": lambda Y, D, X: ((Y - D @ X) ** 2).sum(),
    "Recht, Fazel & Parrilo (2010)": lambda A, X, B, mu: (
        ((A @ X - B) ** 2).sum() / 2 + mu * np.linalg.svd(X, compute_uv=False).sum()
    ),
    "Pearson (1901), Hotelling (1933)": lambda W, S: trace(W.T @ S @ W),
    "Oja (1982)": lambda w, C: (w @ C @ w) / (w @ w),
    "Fisher (1936)": lambda w, S_B, S_W: (w @ S_B @ w) / (w @ S_W @ w),
    "Hotelling (1936), canonical correlation": lambda a, b, Sigma_xx, Sigma_xy, Sigma_yy: (
        (a @ Sigma_xy @ b) / sqrt((a @ Sigma_xx @ a) * (b @ Sigma_yy @ b))
    ),
    "Bell & Sejnowski (1995), ICA": lambda W, x: log(det(W)) + log(sigmoid(W @ x)).sum(),
    "Hyvärinen (1999)": lambda X, w: log(np.cosh(X @ w)).sum(),
    "Tipping & Bishop (1999), probabilistic PCA": lambda W, S, sigma, N: (
        N
        / 2
        * (log(det(W @ W.T + sigma * np.eye(len(S)))) + trace(np.linalg.solve(W @ W.T + sigma * np.eye(len(S)), S)))
    ),
    "Gauss, log-density": lambda x, mu, Sigma: -mahalanobis(x, mu, Sigma) / 2 - log(det(Sigma)) / 2,
    "Anderson (1958), covariance": lambda Sigma, S, n: -n / 2 * (log(det(Sigma)) + trace(inv(Sigma) @ S)),
    "Friedman, Hastie & Tibshirani (2008), graphical lasso": lambda S, Theta, rho: (
        (S * Theta.T).sum() - log(det(Theta)) + rho * abs(Theta).sum()
    ),
    "Kullback & Leibler (1951), Gaussians": lambda Sigma_1, Sigma_2, mu_1, mu_2: (
        (
            trace(np.linalg.solve(Sigma_2, Sigma_1))
            + mahalanobis(mu_2, mu_1, Sigma_2)
            + log(det(Sigma_2))
            - log(det(Sigma_1))
        )
        / 2
    ),
    "Kingma & Welling (2014), KL of the encoder": lambda s, mu: -(1 + s - mu**2 - exp(s)).sum() / 2,
    "Rasmussen & Williams (2006), eq. 5.8": lambda y, K: -(y @ inv(K) @ y) / 2 - log(det(K)) / 2,
    "Wishart (1928)": lambda X, V, nu, p: (nu - p - 1) / 2 * log(det(X)) - trace(inv(V) @ X) / 2,
    "Student's t, Lange et al. (1989)": lambda x, mu, Sigma, nu, p: (
        (nu + p) / 2 * log(1 + mahalanobis(x, mu, Sigma) / nu)
    ),
    "Kalman (1960), measurement update": lambda y, H, x, R, m, P: mahalanobis(y, H @ x, R) + mahalanobis(x, m, P),
    "Kalman (1960), quadratic regulator": lambda x, u, Q, R, A, B, P: (
        x @ Q @ x + u @ R @ u + (A @ x + B @ u) @ P @ (A @ x + B @ u)
    ),
    "Levine & Athans (1970), output feedback": lambda Q, K, R, X: trace(Q @ X) + trace(K.T @ R @ K @ X),
    "Lyapunov (1892)": lambda x, A, P: x @ (A.T @ P) @ x + x @ (P @ A) @ x,
    "Doyle et al. (1989), trace of a Gramian": lambda C, X: trace(C @ X @ C.T),
    "Boyd & Vandenberghe (2004), analytic centre": lambda A, b, x: -log(b - A @ x).sum(),
    "Boyd & Vandenberghe (2004), log-sum-exp": lambda A, b, x: log(exp(A @ x + b).sum()),
    "Boyd & Vandenberghe (2004), minimum volume": lambda X, a, mu: -log(det(X)) + mu * (a @ X @ a),
    "Belkin & Niyogi (2003), eigenmaps": lambda Y, L: trace(Y.T @ L @ Y),
    "Roweis & Saul (2000), locally linear embedding": lambda Y, W: ((Y - W @ Y) ** 2).sum(),
    "Kruskal (1964), Torgerson (1952)": lambda B, X: ((B - X @ X.T) ** 2).sum(),
    "Xing et al. (2002), metric learning": lambda x, y, M: (x - y) @ M @ (x - y),
    "Davis et al. (2007), LogDet divergence": lambda A, A_0: trace(A @ inv(A_0)) - log(det(A)) + log(det(A_0)),
    "Schroff et al. (2015), triplets": lambda a, p, n, alpha: max(
        0, ((a - p) ** 2).sum() - ((a - n) ** 2).sum() + alpha
    ),
    "Pennington et al. (2014), GloVe": lambda f, w, w_tilde, b, b_tilde, x: (
        f * (w @ w_tilde + b + b_tilde - log(x)) ** 2
    ),
    "Mikolov et al. (2013), negative sampling": lambda u, v, N: -log(sigmoid(u @ v)) - log(sigmoid(-N @ v)).sum(),
    "Nickel et al. (2011), RESCAL": lambda X, A, R: ((X - A @ R @ A.T) ** 2).sum(),
    "Saunders et al. (1998), kernel ridge regression": lambda y, K, alpha, lam: (
        ((y - K @ alpha) ** 2).sum() + lam * (alpha @ K @ alpha)
    ),
    "Bradley & Terry (1952)": lambda a, b, s: -log(1 / (1 + exp(-(a - b) @ s))),
    "Zhu, Ghahramani & Lafferty (2003)": lambda f, D, W, y, mu: f @ D @ f - f @ W @ f + mu * ((f - y) ** 2).sum(),
    "Sinkhorn (1967), Cuturi (2013)": lambda a, b, u, v, K: a @ log(u) + b @ log(v) - u @ K @ v,
    "Amari (1998), natural gradient metric": lambda d, F, g: d @ F @ d / 2 - g @ d,
    "Levenberg (1944), Marquardt (1963)": lambda J, delta, r, lam: norm(J @ delta + r) ** 2 + lam * norm(delta) ** 2,
    "Rasmussen & Williams (2006), eq. 2.30": lambda y, K, sigma_n: (
        -(y @ np.linalg.solve(K + sigma_n**2 * np.eye(len(y)), y)) / 2
        - log(det(K + sigma_n**2 * np.eye(len(y)))) / 2
        - len(y) / 2 * log(2 * np.pi)
    ),
    "Bishop (2006), eq. 3.11, sum of squares": lambda t, w, Phi, beta: (
        beta / 2 * sum((a - w @ p) ** 2 for a, p in zip(t, Phi, strict=True))
    ),
    "Bishop (2006), eq. 2.118, Gaussian likelihood": lambda X, mu, Sigma: (
        -len(X) / 2 * log(det(Sigma)) - sum(mahalanobis(x, mu, Sigma) for x in X) / 2
    ),
    "Bishop (2006), eq. 9.14, mixture of Gaussians": lambda X, M, pi: sum(
        log(sum(a * exp(-((x - m) ** 2).sum() / 2) for a, m in zip(pi, M, strict=True))) for x in X
    ),
    "Bordes et al. (2013), TransE": lambda h, r, t, h_prime, t_prime, gamma: max(
        0, gamma + norm(h + r - t) - norm(h_prime + r - t_prime)
    ),
    "Cortes & Vapnik (1995), dual": lambda alpha, y, X: (
        sum(alpha)
        - sum(y[i] * y[j] * alpha[i] * alpha[j] * (X[i] @ X[j]) for i in range(len(y)) for j in range(len(y))) / 2
    ),
    "Belkin & Niyogi (2003), sum over edges": lambda w, f: (
        sum(w[i, j] * (f[i] - f[j]) ** 2 for i in range(len(f)) for j in range(len(f))) / 2
    ),
    "Lee & Seung (2001), divergence by entries": lambda V, W, H: sum(
        v * log(v / p) - v + p for v, p in zip(V.ravel(), (W @ H).ravel(), strict=True)
    ),
    "Rendle (2010), factorisation machines": lambda w_0, w, x, V: (
        w_0 + w @ x + sum((V[i] @ V[j]) * x[i] * x[j] for i in range(len(x)) for j in range(i))
    ),
    "Chen et al. (2020), contrastive loss": lambda z, u, V, tau: (
        -log(exp(z @ u / tau) / sum(exp(z @ v / tau) for v in V))
    ),
    "Bradley & Terry (1952), all pairs": lambda c, s: (
        -sum(c[i, j] * log(exp(s[i]) / (exp(s[i]) + exp(s[j]))) for i in range(len(s)) for j in range(len(s)))
    ),
    "Tibshirani (1996), with the constraint": lambda y, X, beta, N: ((y - X @ beta) ** 2).sum() / N,
    "Lloyd (1982), soft assignments": lambda r, X, M: sum(
        r[i, k] * ((X[i] - M[k]) ** 2).sum() for i in range(len(X)) for k in range(len(M))
    ),
}
