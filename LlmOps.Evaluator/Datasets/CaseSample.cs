using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace LlmOps.Evaluator.Datasets;

/// <summary>Draws cases: the same ones for a seed on every machine, and mostly the same ones after cases were added to the dataset.</summary>
internal static class CaseSample
{
    /// <summary>Draws some, kept in their order: those of which the SHA-256 of seed and id is smallest.</summary>
    /// <param name="cases">What is drawn from.</param>
    /// <param name="count">How many, at least 1; where there are fewer, all.</param>
    /// <param name="seed">Of the draw.</param>
    /// <exception cref="BadInputException">The count is below 1.</exception>
    public static IReadOnlyList<EvaluationCase> Draw(IReadOnlyList<EvaluationCase> cases, int count, int seed)
    {
        if (count < 1)
        {
            throw new BadInputException(string.Create(CultureInfo.InvariantCulture, $"--sample is {count}; expected at least 1."));
        }

        var drawn = cases.OrderBy(each => Rank(each.Id, seed), StringComparer.Ordinal).Take(count).Select(each => each.Id).ToHashSet();
        return [.. cases.Where(each => drawn.Contains(each.Id))];
    }

    private static string Rank(string id, int seed) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{seed}\n{id}"))));
}
