using System.Globalization;

namespace LlmOps.Gateway.Telemetry.Langfuse;

/// <summary>A version of Langfuse's server, and what it can do.</summary>
internal readonly record struct LangfuseVersion(int Major, int Minor)
{
    private const int FirstOtlpMinor = 22;

    /// <summary>Whether spans are sent by OTLP: what it has for traces from 3.22 on, and from 4 on alone.</summary>
    public bool TakesOtlp => Major > 3 || (Major == 3 && Minor >= FirstOtlpMinor);

    /// <summary>Whether it has environments, metadata of scores, commit messages of prompts, and labels that can be moved; version 2 does not.</summary>
    public bool IsModern => Major >= 3;

    /// <summary>Reads one, such as 3.22.0; null where it is none.</summary>
    public static LangfuseVersion? Parse(string? text) =>
        text?.TrimStart('v').Split('.') is [var major, var minor, ..] && Number(major) is { } first && Number(minor) is { } second
            ? new LangfuseVersion(first, second)
            : null;

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Major}.{Minor}");

    private static int? Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
