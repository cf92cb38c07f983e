using System;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>A source of random numbers with a state of its own.</summary>
    public class Generator : IDisposable
    {
        public Generator(ulong seed = 0, Device? device = null)
            : this(Native.st_generator_new(seed, (int)(device?.type ?? DeviceType.CPU), device?.index ?? -1), device ?? CPU)
        {
        }

        private Generator(nint handle, Device device)
        {
            Handle = handle != 0 ? handle : throw Native.Failure();
            this.device = device;
        }

        ~Generator() => Dispose(false);

        /// <summary>The generator that operations use when none is given.</summary>
        public static Generator Default => new(Native.st_generator_default(), CPU);

        public nint Handle { get; private set; }

        public Device device { get; private set; }

        /// <summary>The whole state, as a tensor of bytes.</summary>
        public Tensor get_state()
        {
            var state = Native.st_generator_state(Valid);
            GC.KeepAlive(this);
            return state;
        }

        public void set_state(Tensor value)
        {
            Native.Check(Native.st_generator_set_state(Valid, value));
            GC.KeepAlive(this);
        }

        public Generator manual_seed(long seed)
        {
            Native.Check(Native.st_generator_seed(Valid, unchecked((ulong)seed)));
            GC.KeepAlive(this);
            return this;
        }

        /// <summary>Seeds from the clock and returns the seed.</summary>
        public long seed()
        {
            var seed = TimeProvider.System.GetUtcNow().Ticks;
            manual_seed(seed);
            return seed;
        }

        public long initial_seed()
        {
            var seed = Native.st_generator_initial_seed(Valid);
            GC.KeepAlive(this);
            return seed;
        }

        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        protected virtual void Dispose(bool disposing)
        {
            var handle = Handle;
            Handle = 0;
            if (handle != 0)
            {
                Native.st_generator_free(handle);
            }
        }

        private nint Valid => Handle != 0 ? Handle : throw new ObjectDisposedException(nameof(Generator));
    }

    public static long seed() => random.seed();

    public static Generator manual_seed(long seed) => random.manual_seed(seed);

    public static long initial_seed() => random.initial_seed();

    public static Tensor get_rng_state() => random.get_rng_state();

    public static void set_rng_state(Tensor new_state) => random.set_rng_state(new_state);

    /// <summary>The default generator's seed and state.</summary>
    public static partial class random
    {
        public static long seed()
        {
            using var generator = Generator.Default;
            return generator.seed();
        }

        public static long initial_seed()
        {
            using var generator = Generator.Default;
            return generator.initial_seed();
        }

        /// <summary>Seeds the default generators of all devices.</summary>
        public static Generator manual_seed(long seed)
        {
            Native.Check(Native.st_manual_seed(unchecked((ulong)seed)));
            return Generator.Default;
        }

        public static Tensor get_rng_state()
        {
            using var generator = Generator.Default;
            return generator.get_state();
        }

        public static void set_rng_state(Tensor new_state)
        {
            using var generator = Generator.Default;
            generator.set_state(new_state);
        }
    }
}
