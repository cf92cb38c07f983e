namespace TorchSharp;

/// <summary>When distances are computed through a matrix product, which is faster and less exact.</summary>
public enum compute_mode
{
    use_mm_for_euclid_dist_if_necessary = 0,
    use_mm_for_euclid_dist = 1,
    donot_use_mm_for_euclid_dist = 2,
}
