using System.Net.Http.Headers;
using System.Text.Json;

namespace LlmOps.Benchmarks.Servers;

/// <summary>The floor under any gateway on Kestrel and SocketsHttpHandler: reads and parses both bodies, forwards them, and does nothing else. No streams.</summary>
internal static class BareForwarder
{
    public static async Task RunAsync(int port, string upstream)
    {
        var app = Server.On(port).Build();
        using var http = new HttpMessageInvoker(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false, ActivityHeadersPropagator = null });
        var endpoint = new Uri(new Uri(upstream), "/v1/chat/completions");
        app.Run(async context =>
        {
            var body = await Server.ReadBodyAsync(context.Request);
            using var asked = JsonDocument.Parse(body);
            using var request = new HttpRequestMessage(HttpMethod.Post, endpoint) { Content = new ByteArrayContent(body) };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            using var response = await http.SendAsync(request, context.RequestAborted);
            var answer = new byte[response.Content.Headers.ContentLength!.Value];
            await (await response.Content.ReadAsStreamAsync(context.RequestAborted)).ReadExactlyAsync(answer, context.RequestAborted);
            using var parsed = JsonDocument.Parse(answer);
            context.Response.ContentType = "application/json";
            context.Response.ContentLength = answer.Length;
            await context.Response.Body.WriteAsync(answer);
        });
        await app.RunAsync();
    }
}
