"""Proofs that a model was trained on exactly the committed private data (design section 9).

`README.md` beside this file is the soundness note. Everything public that a caller needs: `dataset`,
`recipe`, `gradient_descent`, `statement`, `proof`, `verifier`.
"""
