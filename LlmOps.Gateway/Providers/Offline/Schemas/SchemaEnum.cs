using System.Text.Json.Nodes;
using LlmOps.Gateway.Providers.Offline.Skills;

namespace LlmOps.Gateway.Providers.Offline.Schemas;

/// <summary>Chooses among the values that a schema lists.</summary>
internal static class SchemaEnum
{
    /// <summary>The value that fits the text best, of those of an allowed type; false if there is none.</summary>
    public static bool TryChoose(IReadOnlyList<JsonNode?> values, SchemaView view, AnswerFacts facts, out JsonNode? value)
    {
        var allowed = values.Where(candidate => view.Types is null || view.Types.Exists(type => SchemaCheck.IsOfType(candidate, type))).ToList();
        value = null;
        if (allowed.Count == 0)
        {
            return false;
        }

        var texts = allowed.Select(candidate => SchemaJson.Text(candidate) ?? candidate?.ToJsonString() ?? "null").ToList();
        string about = facts.Answer is { } answer && texts.Contains(answer) ? answer : facts.Text;
        value = allowed[allowed.Count == 1 ? 0 : BestFit.Choose(texts, about)]?.DeepClone();
        return true;
    }
}
