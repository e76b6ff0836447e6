namespace LlmOps.Gateway.Endpoints;

/// <summary>X-Request-ID: the caller's if it is usable, else a new one; on every response.</summary>
internal sealed class RequestId(RequestDelegate next)
{
    public const string Header = "X-Request-ID";

    private const int Longest = 128;

    public Task InvokeAsync(HttpContext http)
    {
        http.TraceIdentifier = http.Request.Headers[Header] is [{ } given] && IsUsable(given) ? given : Guid.CreateVersion7().ToString();
        http.Response.Headers[Header] = http.TraceIdentifier;
        return next(http);
    }

    /// <summary>The id of this request.</summary>
    public static string Of(HttpContext http) => http.TraceIdentifier;

    // Visible ASCII only: the id goes into logs and headers.
    private static bool IsUsable(string id) =>
        id.Length is > 0 and <= Longest && !id.AsSpan().ContainsAnyExceptInRange('!', '~');
}
