using System.Globalization;

namespace LlmOps.Gateway.Prompts.Evaluations;

/// <summary>Which evaluations are asked for; null for no matter which.</summary>
internal sealed record EvaluationFilter
{
    public string? Prompt { get; init; }

    /// <summary>passed, regression, incomplete.</summary>
    public string? Status { get; init; }

    /// <summary>Not begun before this time.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>What comes after this place; null for the newest.</summary>
    public EvaluationPlace? After { get; init; }

    /// <summary>The most of one page.</summary>
    public int Limit { get; init; } = 100;
}

/// <summary>A place in the order of evaluations: by their begin, then by their id.</summary>
/// <param name="StartedAt">Milliseconds since 1970.</param>
/// <param name="Id">The evaluation's id.</param>
internal sealed record EvaluationPlace(long StartedAt, Guid Id)
{
    /// <summary>What <see cref="ToString"/> wrote; null where it is something else.</summary>
    public static EvaluationPlace? Parse(string text) =>
        text.Split('_') is [var time, var id] && long.TryParse(time, NumberStyles.None, CultureInfo.InvariantCulture, out var startedAt) && Guid.TryParseExact(id, "D", out var guid)
            ? new EvaluationPlace(startedAt, guid)
            : null;

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{StartedAt}_{Id}");
}

/// <summary>A part of the evaluations.</summary>
/// <param name="Evaluations">Newest first.</param>
/// <param name="Next">After which to go on; null where there are no more.</param>
internal sealed record EvaluationPage(IReadOnlyList<EvaluationRow> Evaluations, EvaluationPlace? Next);
