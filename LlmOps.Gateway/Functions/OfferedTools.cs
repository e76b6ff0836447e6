using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Text;
using LlmOps.Gateway.Accounting;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Pipeline;

namespace LlmOps.Gateway.Functions;

/// <summary>The gateway's tools of one request: those that its model is offered, and what became of them.</summary>
/// <param name="tools">The tools, which its principal, model and prompt allow; may be none.</param>
/// <param name="hash">Identifies them with their schemas: answers under one hash were given with the same tools.</param>
internal sealed class OfferedTools(IReadOnlyList<ServerTool> tools, string hash)
{
    // What stands around a tool in a request.
    private const int FrameBytes = 96;

    private readonly Dictionary<string, ServerTool> _byName = tools.ToDictionary(tool => tool.Name, StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ServerTool> _used = [];
    private bool _isCallersAlone;

    /// <summary>The tools.</summary>
    public IReadOnlyList<ServerTool> Tools { get; } = tools;

    /// <summary>Part of the cache's key.</summary>
    public string Hash { get; } = hash;

    /// <summary>Whether its answer may be given to others: all tools that took part in it are cacheable, none of them failed, and nothing of it waits for its caller.</summary>
    public bool MayBeKept => !_isCallersAlone && _used.Values.All(tool => tool.IsCacheable);

    /// <summary>
    /// Whether a request with them may share the call of an identical one, while nobody knows yet which of them take part: one
    /// that is not cacheable, calls that wait for one caller, and personal data that only one request knows, are not another's.
    /// </summary>
    public bool MayBeSharedBy(GatewayRequest request) => Tools.Count == 0
        || (request.Placeholders is null && CallersTools.Of(request.Options!).IsEmpty && Tools.All(tool => tool is { IsCacheable: true, NeedsApproval: false }));

    /// <summary>The size of a request with them.</summary>
    /// <exception cref="GatewayException">400: it asks for several choices, of which none could go on alone after a call.</exception>
    public RequestSize AddTo(RequestSize size) => size.Choices == 1
        ? size with { HasTools = true, TextBytes = size.TextBytes + Tools.Sum(tool => FrameBytes + Encoding.UTF8.GetByteCount(tool.Name) + Encoding.UTF8.GetByteCount(tool.Description) + JsonMarshal.GetRawUtf8Value(tool.JsonSchema).Length) }
        : throw new GatewayException(ErrorCode.InvalidValue, $"n is {size.Choices}; expected 1, as the model is offered tools of the gateway.", "n");

    /// <summary>How long its calls have taken.</summary>
    public ToolTime Time { get; } = new();

    /// <summary>The tool of a name; null where it is none of the gateway's.</summary>
    public ServerTool? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>Notes that the answer is its caller's alone.</summary>
    public void KeepToCaller() => _isCallersAlone = true;

    /// <summary>Notes that a tool takes part in the answer.</summary>
    public void Use(ServerTool tool) => _used[tool.Name] = tool;
}
