using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Providers;

/// <summary>A provider as the configuration makes it.</summary>
/// <param name="Name">Its name in the configuration.</param>
/// <param name="Client">Its client, within the limits of an attempt; null while it is not configured.</param>
/// <param name="Missing">What to set to have it; null while it is configured.</param>
/// <param name="DefaultModel">The model that stands for it where a request names none; null if it has none.</param>
internal sealed record Provider(string Name, IChatClient? Client, string? Missing, string? DefaultModel);
