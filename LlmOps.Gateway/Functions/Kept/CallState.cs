using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace LlmOps.Gateway.Functions.Kept;

/// <summary>
/// How far a call is that its caller has decided on, as it is kept: B, until when it is over at the latest in Unix milliseconds,
/// and who makes it; or R or E and the result or error.
/// </summary>
/// <param name="Bytes">As it is kept.</param>
internal readonly record struct CallState(ReadOnlyMemory<byte> Bytes)
{
    private const char BegunKind = 'B';
    private const char ResultKind = 'R';
    private const char ErrorKind = 'E';

    private static readonly ToolResult Interrupted = new("The call was begun, but broke off. Whether it had any effect is not known; it is not made again.", IsError: true);

    /// <summary>Of a call that was begun and of which no result is known.</summary>
    public static CallState BrokenOff { get; } = Over(Interrupted);

    /// <summary>Whether it is over.</summary>
    public bool IsOver => (char)Bytes.Span[0] != BegunKind;

    /// <summary>Of a call that somebody makes from now on; no two are the same.</summary>
    /// <param name="until">When it is over at the latest.</param>
    public static CallState Begun(DateTimeOffset until) =>
        Of(string.Create(CultureInfo.InvariantCulture, $"{BegunKind}{until.ToUnixTimeMilliseconds()} {RandomNumberGenerator.GetHexString(16)}"));

    /// <summary>Of a call that is over.</summary>
    public static CallState Over(ToolResult result) => Of((result.IsError ? ErrorKind : ResultKind) + result.Text);

    /// <summary>What came of it; null while it is being made.</summary>
    public ToolResult? ResultAt(DateTimeOffset now)
    {
        var text = Encoding.UTF8.GetString(Bytes.Span[1..]);
        return (char)Bytes.Span[0] switch
        {
            ResultKind => new ToolResult(text, IsError: false),
            ErrorKind => new ToolResult(text, IsError: true),
            _ => long.Parse(text.AsSpan(0, text.IndexOf(' ')), CultureInfo.InvariantCulture) < now.ToUnixTimeMilliseconds() ? Interrupted : null,
        };
    }

    private static CallState Of(string text) => new(Encoding.UTF8.GetBytes(text));
}
