using System.Text.Json;
using LlmOps.Evaluator.Datasets;

namespace LlmOps.Evaluator.Evaluators.Matching;

/// <summary>The texts that are looked for in an answer: those of a setting, or of a case's metadata.</summary>
internal sealed class SoughtTexts
{
    private readonly IReadOnlyList<string>? _texts;
    private readonly string? _metadata;

    private SoughtTexts(IReadOnlyList<string>? texts, string? metadata) => (_texts, _metadata) = (texts, metadata);

    /// <summary>Reads the one of the settings text, metadata, and those lists of texts that is given; null for none of them.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="lists">The names of settings that are lists of texts.</param>
    /// <exception cref="BadInputException">More than one is given.</exception>
    public static (SoughtTexts Texts, string Setting)? Read(SettingsReader settings, params string[] lists)
    {
        List<(SoughtTexts Texts, string Setting)> given = [];
        if (settings.Text("text") is { } text)
        {
            given.Add((new SoughtTexts([text], null), "text"));
        }

        foreach (var list in lists)
        {
            if (settings.Texts(list) is { } texts)
            {
                given.Add((new SoughtTexts(texts, null), list));
            }
        }

        if (settings.Text("metadata") is { } metadata)
        {
            given.Add((new SoughtTexts(null, metadata), "metadata"));
        }

        return given.Count switch
        {
            0 => null,
            1 => given[0],
            _ => throw settings.Fault($"{string.Join(" and ", given.Select(each => each.Setting))} are given; expected one of them."),
        };
    }

    /// <summary>The texts for a case; none where its metadata has none, or something else than a text or a list of texts.</summary>
    public IReadOnlyList<string> For(EvaluationCase @case) => _texts ?? (CaseMetadata.Find(@case, _metadata!) switch
    {
        { ValueKind: JsonValueKind.String } text => [text.GetString()!],
        { ValueKind: JsonValueKind.Array } list => [.. list.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString()!)],
        _ => [],
    });
}
