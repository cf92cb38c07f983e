namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor matmul(Tensor target) => Native.st_matmul(this, target);

        public Tensor mm(Tensor target) => Native.st_mm(this, target);

        public Tensor mv(Tensor target) => Native.st_mv(this, target);

        public Tensor bmm(Tensor batch2) => Native.st_bmm(this, batch2);

        public Tensor dot(Tensor target) => Native.st_dot(this, target);

        public Tensor vdot(Tensor target) => Native.st_vdot(this, target);

        public Tensor outer(Tensor vec2) => Native.st_outer(this, vec2);

        public Tensor ger(Tensor vec2) => outer(vec2);

        public Tensor inner(Tensor vec2) => Native.st_inner(this, vec2);

        public Tensor kron(Tensor other) => Native.st_kron(this, other);

        public Tensor addmm(Tensor mat1, Tensor mat2, float beta = 1, float alpha = 1) => Native.st_addmm(this, mat1, mat2, beta, alpha);

        public Tensor addmm_(Tensor mat1, Tensor mat2, float beta = 1, float alpha = 1) => Done(Native.st_addmm_(this, mat1, mat2, beta, alpha));

        public Tensor addmv(Tensor mat, Tensor vec, float beta = 1, float alpha = 1) => Native.st_addmv(this, mat, vec, beta, alpha);

        public Tensor addmv_(Tensor mat, Tensor vec, float beta = 1, float alpha = 1) => Done(Native.st_addmv_(this, mat, vec, beta, alpha));

        public Tensor addbmm(Tensor batch1, Tensor batch2, float beta = 1, float alpha = 1) => Native.st_addbmm(this, batch1, batch2, beta, alpha);

        public Tensor addbmm_(Tensor batch1, Tensor batch2, float beta = 1, float alpha = 1) => Done(Native.st_addbmm_(this, batch1, batch2, beta, alpha));

        public Tensor baddbmm(Tensor batch1, Tensor batch2, float beta = 1, float alpha = 1) => Native.st_baddbmm(this, batch1, batch2, beta, alpha);

        public Tensor addr(Tensor vec1, Tensor vec2, float beta = 1, float alpha = 1) => Native.st_addr(this, vec1, vec2, beta, alpha);

        public Tensor addr_(Tensor vec1, Tensor vec2, float beta = 1, float alpha = 1) => Done(Native.st_addr_(this, vec1, vec2, beta, alpha));

        public Tensor tensordot(Tensor b, long[] dims1, long[] dims2) => Native.st_tensordot(this, b, dims1, dims1.Length, dims2, dims2.Length);

        public Tensor cholesky(bool upper = false) => Native.st_cholesky(this, upper.Int());

        public Tensor cholesky_inverse(bool upper = false) => Native.st_cholesky_inverse(this, upper.Int());

        public Tensor cholesky_solve(Tensor input2, bool upper = false) => Native.st_cholesky_solve(this, input2, upper.Int());

        public Tensor det() => Native.st_det(this);

        public Tensor logdet() => Native.st_logdet(this);

        public Tensor inverse() => Native.st_inv(this);

        public Tensor matrix_exp() => Native.st_matrix_exp(this);

        public Tensor matrix_power(int n) => Native.st_matrix_power(this, n);

        public Tensor pinverse(double rcond = 1e-15, bool hermitian = false) => Native.st_pinv_rcond(this, rcond, hermitian.Int());

        public Tensor trace() => Native.st_trace(this);

        public Tensor norm(float p = 2) => Native.st_norm(this, p);

        public Tensor norm(int dim, bool keepdim = false, float p = 2) => Native.st_norm_dim(this, dim, keepdim.Int(), p);

        public Tensor dist(Tensor other, float p = 2) => Native.st_dist(this, other, p);

        public Tensor renorm(float p, long dim, float maxnorm) => Native.st_renorm(this, p, dim, maxnorm);

        public Tensor cov(long correction = 1, Tensor? fweights = null, Tensor? aweights = null) => Native.st_cov(this, correction, fweights, aweights);

        public Tensor corrcoef() => Native.st_corrcoef(this);

        public Tensor vander(long N = -1, bool increasing = false) => Native.st_vander(this, N, (N >= 0).Int()) is var powers && increasing ? powers : powers.flip(-1);
    }
}
