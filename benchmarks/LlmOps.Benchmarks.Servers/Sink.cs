namespace LlmOps.Benchmarks.Servers;

/// <summary>Where telemetry is sent to, by whichever protocol: reads what it is sent and answers 200 at once.</summary>
internal static class Sink
{
    // Takes OTLP, as those that are installed today.
    private const string LangfuseVersion = "3.22.0";

    public static async Task RunAsync(int port)
    {
        var app = Server.On(port).Build();
        app.Run(async context =>
        {
            await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
            await context.Response.WriteAsync(SinkAnswers.To(context.Request.Path.Value!, LangfuseVersion), context.RequestAborted);
        });
        await app.RunAsync();
    }
}
