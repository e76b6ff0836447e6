using System.Text.Json.Nodes;
using System.Text.Json;
using LlmOps.Gateway.Providers.Offline.Schemas;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Providers.Offline.Tools;

/// <summary>Makes the arguments of a call from a message.</summary>
internal static class ToolArguments
{
    /// <summary>The arguments of one call, or of several where the message enumerates; null if a required one cannot be found.</summary>
    public static IReadOnlyList<IDictionary<string, object?>>? Extract(AIFunctionDeclaration tool, string message)
    {
        try
        {
            var root = JsonSerializer.SerializeToNode(tool.JsonSchema);
            var reader = new ArgumentReader(root, tool, message);
            if (reader.TryObject([root], true) is not { } first)
            {
                return null;
            }

            // A required string that was found as a phrase can be each of the phrases it is enumerated with.
            var calls = new List<IDictionary<string, object?>> { Converted(first) };
            foreach (string other in reader.Enumerated)
            {
                var call = first.DeepClone().AsObject();
                call[reader.EnumeratedName!] = other;
                calls.Add(Converted(call));
            }

            return calls;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>The arguments of a call that must be made: what cannot be found is made up to be valid.</summary>
    public static IDictionary<string, object?> Invent(AIFunctionDeclaration tool, string message)
    {
        try
        {
            var root = JsonSerializer.SerializeToNode(tool.JsonSchema);
            var found = new ArgumentReader(root, tool, message).TryObject([root], false) ?? [];
            var view = SchemaView.Of(root, [root], []);
            var filler = new SchemaFiller(root, new AnswerFacts(message, null));
            foreach (string name in view.Required.Where(name => !found.ContainsKey(name)))
            {
                if (filler.TryFillProperty(view.Properties.TryGetValue(name, out var schemas) ? schemas : [], name, out var value))
                {
                    found[name] = value;
                }
            }

            if (new SchemaCheck(root).IsValid(root, found))
            {
                return Converted(found);
            }

            return new SchemaFiller(root, new AnswerFacts(message, null)).TryFill(root, out var whole) && whole is JsonObject made ? Converted(made) : Converted(found);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or ArgumentException)
        {
            return new Dictionary<string, object?>(StringComparer.Ordinal);
        }
    }

    private static Dictionary<string, object?> Converted(JsonObject arguments) =>
        arguments.ToDictionary(argument => argument.Key, argument => (object?)JsonSerializer.SerializeToElement(argument.Value), StringComparer.Ordinal);
}
