namespace LlmOps.Benchmarks.Load.Scenarios;

/// <summary>A fault that the faulty upstream knows, and what may come of it.</summary>
/// <param name="Name">As the upstream calls it.</param>
/// <param name="Text">What the upstream does meanwhile.</param>
internal sealed record UpstreamFault(string Name, string Text)
{
    /// <summary>Whether it hits streams that have content already: those end, and say so.</summary>
    public bool CutsStreams { get; init; }

    /// <summary>Whether it is the key that is left alone, for as long as the upstream or the settings say, and without probes.</summary>
    public bool IsOfKey { get; init; }

    /// <summary>All of them, in the order in which they can happen on a request's way.</summary>
    public static IReadOnlyList<UpstreamFault> All { get; } =
    [
        new("gone", "refuses connections") { CutsStreams = true },
        new("silent", "accepts, then silence"),
        new("reset", "resets instead of answering"),
        new("500", "answers 500"),
        new("503", "answers 503"),
        new("502-html", "answers 502 with HTML"),
        new("429", "answers 429"),
        new("429-retry-after", "answers 429 with Retry-After") { IsOfKey = true },
        new("401", "answers 401") { IsOfKey = true },
        new("headers-silent", "headers, then silence"),
        new("cut", "truncated JSON, empty stream"),
        new("drip", "a byte at a time"),
        new("reset-midway", "resets midway") { CutsStreams = true },
        new("end-midway", "ends midway as if whole") { CutsStreams = true },
        new("error-midway", "tells an error midway") { CutsStreams = true },
        new("silent-midway", "falls silent midway") { CutsStreams = true },
    ];
}
