namespace LlmOps.Benchmarks.Servers;

/// <summary>What the ASP.NET Core servers here have in common: the framework's defaults, without logs.</summary>
internal static class Server
{
    /// <summary>A builder that listens on the loopback port.</summary>
    public static WebApplicationBuilder On(int port)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        return builder;
    }

    /// <summary>The whole body.</summary>
    public static async Task<byte[]> ReadBodyAsync(HttpRequest request)
    {
        var body = new byte[request.ContentLength!.Value];
        await request.Body.ReadExactlyAsync(body);
        return body;
    }
}
