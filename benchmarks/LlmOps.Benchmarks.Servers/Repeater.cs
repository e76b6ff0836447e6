using System.Text.Json;

namespace LlmOps.Benchmarks.Servers;

/// <summary>An upstream that answers with what it was told last, so that callers see what was sent. No streams.</summary>
internal static class Repeater
{
    public static async Task RunAsync(int port)
    {
        var app = Server.On(port).Build();
        app.Run(async context =>
        {
            using var asked = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
            var answer = Completion.Saying(asked.RootElement.GetProperty("messages").EnumerateArray().Last().GetProperty("content").GetString()!);
            context.Response.ContentType = "application/json";
            context.Response.ContentLength = answer.Length;
            await context.Response.Body.WriteAsync(answer);
        });
        await app.RunAsync();
    }
}
