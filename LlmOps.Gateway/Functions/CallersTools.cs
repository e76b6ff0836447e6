using LlmOps.Gateway.Endpoints;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Providers;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Functions;

/// <summary>The tools that the caller brings: calls to them go back to it.</summary>
internal sealed class CallersTools
{
    private readonly HashSet<string> _names;

    private CallersTools(GatewayChatOptions options)
    {
        _names = (options.Tools ?? []).OfType<AIFunctionDeclaration>().Select(tool => tool.Name).ToHashSet(StringComparer.Ordinal);
        if (options.Original is { } original)
        {
            foreach (var tool in WireJson.Items(original.Body.Root, "tools"))
            {
                if ((WireJson.Text(WireJson.Member(tool, "function"), "name") ?? WireJson.Text(WireJson.Member(tool, "custom"), "name")) is { } name)
                {
                    _names.Add(name);
                }
                else
                {
                    HasNameless = true;
                }
            }

            // The form before tools; no server takes both.
            MayOffer = JsonBody.Optional(original.Body.Root, "functions"u8) is null;
        }

        MayOffer &= options.ToolMode is not NoneChatToolMode;
    }

    /// <summary>Whether it has tools of a type that nobody here knows, whose calls may have any name.</summary>
    public bool HasNameless { get; }

    /// <summary>Whether there are none.</summary>
    public bool IsEmpty => _names.Count == 0 && !HasNameless;

    /// <summary>Whether others can be offered beside them.</summary>
    public bool MayOffer { get; } = true;

    /// <summary>The tools of a request.</summary>
    public static CallersTools Of(GatewayChatOptions options) => new(options);

    /// <summary>Whether there is one of this name.</summary>
    public bool Has(string name) => _names.Contains(name);
}
