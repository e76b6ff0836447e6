using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using LlmOps.Gateway.Errors;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace LlmOps.Gateway.Functions.Mcp;

/// <summary>What a server lists, as much of it as is taken: each is kept, and those that are offered are a part of every request.</summary>
/// <param name="Tools">Its tools.</param>
/// <param name="LeftOut">Those that are left out.</param>
internal sealed record McpList(IReadOnlyList<ListedTool> Tools, IReadOnlyList<LeftOutTool> LeftOut)
{
    /// <summary>The most tools of a server.</summary>
    public const int MostTools = 512;

    /// <summary>The most bytes of all that models would be told of them, together.</summary>
    public const int MostBytes = 2 * 1024 * 1024;

    /// <summary>The most bytes of one of them.</summary>
    public const int MostToolBytes = 64 * 1024;

    // A server need not have anything on a page.
    private const int MostPages = 256;

    /// <summary>None.</summary>
    public static McpList Empty { get; } = new([], []);

    /// <summary>Reads its pages.</summary>
    public static async Task<McpList> ReadAsync(McpClient client, ToolGuard guard, CancellationToken cancellationToken)
    {
        var (tools, leftOut, bytes) = (new List<ListedTool>(), new List<LeftOutTool>(), 0L);
        var asked = new ListToolsRequestParams();
        client.ClearKnownTools();
        for (var page = 0; page < MostPages; page++)
        {
            var listed = await client.ListToolsAsync(asked, cancellationToken);
            foreach (var tool in listed.Tools)
            {
                var size = SizeOf(tool);
                if (tools.Count + leftOut.Count >= MostTools || bytes + Math.Min(size, MostToolBytes) > MostBytes)
                {
                    return Cut();
                }

                if (Fault(client, tool, size) is { } fault)
                {
                    leftOut.Add(new LeftOutTool(Shown.Short(tool.Name), fault));
                }
                else
                {
                    tools.Add(new ListedTool(tool, guard.IsAttack(McpTools.Description(tool), tool.InputSchema)));
                    bytes += size;
                }
            }

            if (listed.NextCursor is null)
            {
                return new McpList(tools, leftOut);
            }

            asked.Cursor = listed.NextCursor;
        }

        return Cut();

        McpList Cut() => new(tools, [.. leftOut, new LeftOutTool("…", string.Create(CultureInfo.InvariantCulture, $"the list goes on after {MostTools} tools, {MostBytes} bytes or {MostPages} pages; what comes then is not read"))]);
    }

    private static string? Fault(McpClient client, Tool tool, int size)
    {
        if (size > MostToolBytes)
        {
            return string.Create(CultureInfo.InvariantCulture, $"its name, description and schema have {size} bytes, more than {MostToolBytes}");
        }

        try
        {
            // It sends arguments as headers where the schema says so.
            client.AddKnownTools([tool]);
            return null;
        }
        catch (ArgumentException)
        {
            return "its schema says in a wrong way which arguments are sent as headers";
        }
    }

    private static int SizeOf(Tool tool) => Encoding.UTF8.GetByteCount(tool.Name) + Encoding.UTF8.GetByteCount(McpTools.Description(tool)) + JsonMarshal.GetRawUtf8Value(tool.InputSchema).Length;
}

/// <summary>A tool of a list.</summary>
/// <param name="Tool">The tool.</param>
/// <param name="IsAttack">Whether what it says of itself reads like an instruction to the model.</param>
internal readonly record struct ListedTool(Tool Tool, bool IsAttack);
