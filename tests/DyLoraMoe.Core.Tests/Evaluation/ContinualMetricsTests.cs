using DyLoraMoe.Core.Evaluation;

namespace DyLoraMoe.Core.Tests.Evaluation;

public class ContinualMetricsTests
{
    // Three tasks, one stage each.
    private static readonly double[][] Plain =
    [
        [0.1, 0.0, 0.2],
        [0.9, 0.1, 0.2],
        [0.5, 0.8, 0.4],
        [0.6, 0.7, 1.0],
    ];

    [Fact]
    public void One_stage_per_task_gives_the_textbooks_figures()
    {
        var metrics = ContinualMetrics.Of(new ScoreMatrix([1, 2, 3], Plain));
        Assert.Equal((0.6 + 0.7 + 1.0) / 3, metrics.AverageAccuracy, 1e-12);
        Assert.Equal(((0.6 - 0.9) + (0.7 - 0.8)) / 2, metrics.BackwardTransfer, 1e-12);
        Assert.Equal(((0.9 - 0.6) + (0.8 - 0.7)) / 2, metrics.Forgetting, 1e-12);
        Assert.Equal(((0.1 - 0.0) + (0.4 - 0.2)) / 2, metrics.ForwardTransfer, 1e-12);
        Assert.Equal((0.9 + 0.8) / 2, metrics.BestBefore, 1e-12);
    }

    [Fact]
    public void A_task_that_comes_back_counts_from_its_first_visit_and_forgets_from_its_best()
    {
        // Task 0 at stages 1 and 3, task 1 at stage 2.
        var metrics = ContinualMetrics.Of(new ScoreMatrix([1, 2], [[0, 0.2], [0.5, 0.3], [0.1, 0.8], [0.9, 0.6]]));
        Assert.Equal(((0.9 - 0.5) + (0.6 - 0.8)) / 2, metrics.BackwardTransfer, 1e-12);
        Assert.Equal(((0.5 - 0.9) + (0.8 - 0.6)) / 2, metrics.Forgetting, 1e-12);
        Assert.Equal(0.3 - 0.2, metrics.ForwardTransfer, 1e-12);
    }

    [Fact]
    public void A_single_task_says_nothing_about_transfer()
    {
        var metrics = ContinualMetrics.Of(new ScoreMatrix([1], [[-3.0], [-1.0]]));
        Assert.Equal(-1, metrics.AverageAccuracy);
        Assert.True(double.IsNaN(metrics.BackwardTransfer) && double.IsNaN(metrics.Forgetting) && double.IsNaN(metrics.ForwardTransfer));
    }

    [Fact]
    public void The_average_of_the_seen_tasks_leaves_the_later_ones_out()
    {
        var matrix = new ScoreMatrix([1, 2, 3], Plain);
        Assert.True(double.IsNaN(matrix.AverageOfSeen(0)));
        Assert.Equal(0.9, matrix.AverageOfSeen(1), 1e-12);
        Assert.Equal(0.65, matrix.AverageOfSeen(2), 1e-12);
    }

    [Fact]
    public void A_matrix_that_does_not_fit_is_refused()
    {
        Assert.Throws<ArgumentException>(() => new ScoreMatrix([1, 2], [[0, 0], [0]]));
        Assert.Throws<ArgumentException>(() => new ScoreMatrix([1], [[0], [double.NaN]]));
        Assert.Throws<ArgumentException>(() => new ScoreMatrix([2], [[0], [1]]));
        Assert.Throws<ArgumentException>(() => new ScoreMatrix([1], [[0]]));
    }
}
