namespace LlmOps.Benchmarks.Servers;

/// <summary>Where telemetry is exported to: reads what it is sent and answers 200.</summary>
internal static class Sink
{
    public static async Task RunAsync(int port)
    {
        var app = Server.On(port).Build();
        app.Run(context => context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted));
        await app.RunAsync();
    }
}
