using System;
using System.Collections.Generic;
using System.Linq;

namespace TorchSharp;

public static partial class torch
{
    public static partial class optim
    {
        public static partial class lr_scheduler
        {
            /// <summary>Sets the learning rate of every group after each epoch (or step: whatever step() is called after).</summary>
            public abstract class LRScheduler
            {
                internal Optimizer _optimizer = null!;
                internal int _last_epoch = -1;
                internal bool _verbose;
                internal IList<double> _last_lrs = [];
                internal IList<double> _base_lrs = [];
                protected int _step_count;

                protected LRScheduler()
                {
                }

                protected LRScheduler(Optimizer optimizer, int last_epoch = -1, bool verbose = false)
                {
                    ArgumentNullException.ThrowIfNull(optimizer);
                    _optimizer = optimizer;
                    _last_epoch = last_epoch;
                    _verbose = verbose;
                    _base_lrs = optimizer.ParamGroups.Select(static group => group.InitialLearningRate).ToList();
                    _last_lrs = optimizer.ParamGroups.Select(static group => group.LearningRate).ToList();
                }

                public virtual void step() => step(null);

                /// <summary>Goes to the next epoch or, where one is given, straight to that one.</summary>
                public virtual void step(int? epoch)
                {
                    _step_count++;
                    _last_epoch = epoch ?? _last_epoch + 1;
                    var rates = (epoch is null ? get_lr() : get_closed_form_lr()).ToList();
                    var index = 0;
                    foreach (var group in _optimizer.ParamGroups)
                    {
                        if (_verbose && _last_lrs[index] != rates[index])
                        {
                            Console.WriteLine($"Adjusting learning rate to {rates[index]}");
                        }
                        group.LearningRate = rates[index];
                        _last_lrs[index] = rates[index];
                        index++;
                    }
                }

                /// <summary>For schedulers that follow a metric; the others take no notice of it.</summary>
                public virtual void step(double current, int? epoch = null) => step(epoch);

                public IEnumerable<double> get_last_lr() => _last_lrs;

                /// <summary>The groups' next rates, which may follow from their present ones.</summary>
                protected virtual IEnumerable<double> get_lr() => _optimizer.ParamGroups.Select(static group => group.LearningRate);

                /// <summary>The groups' rates at the present epoch, whatever came before.</summary>
                protected virtual IEnumerable<double> get_closed_form_lr() => get_lr();
            }
        }
    }
}
