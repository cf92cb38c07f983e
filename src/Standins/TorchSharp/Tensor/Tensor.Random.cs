using System;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor bernoulli(Generator? generator = null)
        {
            var result = Native.st_bernoulli(this, torch.Handle(generator));
            GC.KeepAlive(generator);
            return result;
        }

        public Tensor multinomial(long num_samples, bool replacement = false, Generator? generator = null)
        {
            var result = Native.st_multinomial(this, num_samples, replacement.Int(), torch.Handle(generator));
            GC.KeepAlive(generator);
            return result;
        }

        public Tensor poisson(Generator? generator = null)
        {
            var result = Native.st_poisson(this, torch.Handle(generator));
            GC.KeepAlive(generator);
            return result;
        }

        public Tensor bernoulli_(double p = 0.5, Generator? generator = null)
        {
            Native.Check(Native.st_bernoulli_p_(this, p, torch.Handle(generator)));
            GC.KeepAlive(generator);
            return this;
        }

        public Tensor bernoulli_(Tensor p, Generator? generator = null)
        {
            Native.Check(Native.st_bernoulli_(this, p, torch.Handle(generator)));
            GC.KeepAlive(generator);
            return this;
        }

        public Tensor cauchy_(double median = 0, double sigma = 1, Generator? generator = null)
        {
            Native.Check(Native.st_cauchy_(this, median, sigma, torch.Handle(generator)));
            GC.KeepAlive(generator);
            return this;
        }

        public Tensor exponential_(double lambda = 1, Generator? generator = null)
        {
            Native.Check(Native.st_exponential_(this, lambda, torch.Handle(generator)));
            GC.KeepAlive(generator);
            return this;
        }

        public Tensor geometric_(double p, Generator? generator = null)
        {
            Native.Check(Native.st_geometric_(this, p, torch.Handle(generator)));
            GC.KeepAlive(generator);
            return this;
        }

        public Tensor normal_(double mean = 0, double std = 1, Generator? generator = null)
        {
            Native.Check(Native.st_normal_(this, mean, std, torch.Handle(generator)));
            GC.KeepAlive(generator);
            return this;
        }

        public Tensor log_normal_(double mean = 0, double std = 1, Generator? generator = null)
        {
            Native.Check(Native.st_log_normal_(this, mean, std, torch.Handle(generator)));
            GC.KeepAlive(generator);
            return this;
        }

        public Tensor random_(double from, double to, Generator? generator = null)
        {
            Native.Check(Native.st_random_(this, (long)from, (long)to, torch.Handle(generator)));
            GC.KeepAlive(generator);
            return this;
        }

        public Tensor uniform_(double from, double to, Generator? generator = null)
        {
            Native.Check(Native.st_uniform_(this, from, to, torch.Handle(generator)));
            GC.KeepAlive(generator);
            return this;
        }

        public Tensor rand_like(ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Native.st_rand_like(this, new Options(dtype, device, requires_grad));

        public Tensor randn_like(ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Native.st_randn_like(this, new Options(dtype, device, requires_grad));

        public Tensor randint_like(long low, long high, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Native.st_randint_like(this, low, high, new Options(dtype, device, requires_grad));
    }
}
