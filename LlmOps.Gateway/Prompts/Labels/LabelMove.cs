namespace LlmOps.Gateway.Prompts.Labels;

/// <summary>A move of a label.</summary>
/// <param name="Prompt">The prompt.</param>
/// <param name="Label">The label.</param>
/// <param name="From">The version it named; null for none.</param>
/// <param name="To">The version it names; null where it was taken away.</param>
/// <param name="Actor">Who has moved it.</param>
/// <param name="Source">By what: a <see cref="Records.MoveSource"/>.</param>
/// <param name="Comment">Why; null for nothing.</param>
/// <param name="At">When.</param>
internal sealed record LabelMove(string Prompt, string Label, int? From, int? To, string Actor, string Source, string? Comment, DateTimeOffset At);
