namespace LlmOps.Gateway.Prompts.Experiments;

/// <summary>That a request sees a variant of an experiment.</summary>
/// <param name="Experiment">The experiment.</param>
/// <param name="Variant">The variant.</param>
/// <param name="Unit">What of the request always sees it: 16 hexadecimal digits of a hash.</param>
internal sealed record Exposure(string Experiment, string Variant, string Unit);
