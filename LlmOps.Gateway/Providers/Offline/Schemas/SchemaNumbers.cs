using LlmOps.Gateway.Providers.Offline.Language;
using LlmOps.Gateway.Providers.Offline.Skills;

namespace LlmOps.Gateway.Providers.Offline.Schemas;

/// <summary>Chooses numbers within the bounds of a schema.</summary>
internal static class SchemaNumbers
{
    /// <summary>Magnitude beyond which bounds are not calculated with: doubles are no longer exact there.</summary>
    private const decimal Largest = 1_000_000_000_000_000m;

    private static readonly HashSet<string> Ratings = ["rating", "score", "stars", "sentiment", "satisfaction"];
    private static readonly HashSet<string> Certainties = ["confidence", "probability", "certainty"];
    private static readonly HashSet<string> Sums = ["total", "amount", "price", "cost", "sum", "subtotal"];

    /// <summary>A number of the text that is allowed; for a rating one by its sentiment; else the one next to zero. Null if none is allowed.</summary>
    public static decimal? Choose(SchemaView view, bool integer, string name, AnswerFacts facts)
    {
        decimal? step = view.Bounds.TryGetValue("multipleOf", out decimal multiple) && multiple is > 0 and < Largest ? multiple : integer ? 1 : null;
        if (integer && step is { } fraction && fraction % 1 != 0)
        {
            // A multiple of this is both whole and a multiple of the fraction.
            step = fraction * 1_000_000 % 1 == 0 ? fraction * 1_000_000 : 1;
        }

        var (low, high) = Range(view, step);
        bool Allowed(decimal number) => number >= low && number <= high && (step is null || number % step == 0);

        // No number of a text says how sure one is of it.
        if (Identifiers.Words(name).Any(Certainties.Contains) && Allowed(0.5m))
        {
            return 0.5m;
        }

        if (facts.TakeNumber(Allowed, Identifiers.Words(name).Any(Sums.Contains)) is { } said)
        {
            return integer ? decimal.Truncate(said) : said;
        }

        decimal wanted = Identifiers.Words(name).Any(Ratings.Contains) && low > -Largest && high < Largest ? Rated(low, high, Sentiment.Of(facts.Head)) : Math.Clamp(0, low, Math.Max(low, high));
        decimal chosen = step is { } grid ? Math.Ceiling(wanted / grid) * grid : wanted;
        chosen = chosen > high && step is { } back ? Math.Floor(high / back) * back : chosen;
        return low <= high && Allowed(chosen) ? chosen : null;
    }

    private static decimal Rated(decimal low, decimal high, int sentiment) => sentiment > 0 ? high : sentiment < 0 ? low : (low + high) / 2;

    private static (decimal Low, decimal High) Range(SchemaView view, decimal? step)
    {
        decimal low = Math.Max(Bound("minimum", -Largest), -Largest);
        decimal high = Math.Min(Bound("maximum", Largest), Largest);
        if (view.Bounds.TryGetValue("exclusiveMinimum", out decimal above) && above >= low && above < Largest)
        {
            low = above + Next(above);
        }

        if (view.Bounds.TryGetValue("exclusiveMaximum", out decimal below) && below <= high && below > -Largest)
        {
            high = below - Next(below);
        }

        return (low, high);

        decimal Bound(string keyword, decimal otherwise) => view.Bounds.GetValueOrDefault(keyword, otherwise);

        // The smallest distance from an excluded bound: a step, or a part of the room there is.
        decimal Next(decimal bound) => step is { } grid && bound % grid == 0 ? grid : Math.Clamp((Bound("exclusiveMaximum", high) - Bound("exclusiveMinimum", low)) / 1000, 0.000000001m, 0.01m);
    }
}
