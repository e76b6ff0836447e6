using System.IO.Compression;

namespace LlmOps.Benchmarks.Servers;

/// <summary>
/// Langfuse, MLflow and Kafka's REST proxy, which fail as they are told to and remember what they took. On the other port:
/// <c>PUT /fault/NAME</c> for all of them, and <c>GET /counts</c>.
/// </summary>
internal static class FaultySinks
{
    private static readonly string[] Names = ["langfuse", "mlflow", "kafka"];
    private static readonly TimeSpan Slowness = TimeSpan.FromSeconds(8);

    // Enough for any request of the gateway's, of which a batch has 200.
    private const int MostBytes = 20_000;

    public static async Task RunAsync(int port, int controlPort, string langfuseVersion)
    {
        var (fault, random) = ("", new SeededChoice());
        var sinks = Names.ToDictionary(name => name, name => new TakenRequests(name));
        var app = Server.On(port).Build();
        app.Run(async context =>
        {
            var path = context.Request.Path.Value!;
            var sink = sinks[path.Split('/')[1]];
            var body = await ReadAsync(context);
            var answer = new SinkAnswer(200, SinkAnswers.To(path, langfuseVersion));
            switch (Volatile.Read(ref fault))
            {
                case "slow":
                    await Task.Delay(Slowness, context.RequestAborted);
                    answer = sink.Take(path, body, SinkFaults.None) ?? answer;
                    break;
                case "partial":
                    answer = sink.Take(path, body, new SinkFaults(random)) ?? answer;
                    break;
                case "413" when context.Request.ContentLength > MostBytes:
                    answer = new SinkAnswer(413, "<html><h1>413 Request Entity Too Large</h1></html>");
                    break;
                case "garbage":
                    // A 2xx is said of nothing but what was taken; a connection may break before and after.
                    if (random.Next(3) is var way && way < 2)
                    {
                        sink.Take(path, body, SinkFaults.None);
                    }

                    if (way > 0)
                    {
                        context.Abort();
                        return;
                    }

                    answer = new SinkAnswer(200, "<html>Welcome!</html>");
                    break;
                default:
                    answer = sink.Take(path, body, SinkFaults.None) ?? answer;
                    break;
            }

            context.Response.StatusCode = answer.Status;
            await context.Response.WriteAsync(answer.Body, context.RequestAborted);
        });

        var control = Server.On(controlPort).Build();
        control.MapPut("/fault/{name}", (string name) => Volatile.Write(ref fault, name));
        control.MapGet("/counts", () => sinks.ToDictionary(sink => sink.Key, sink => sink.Value.Counts));
        await Task.WhenAll(app.RunAsync(), control.RunAsync());
    }

    private static async Task<byte[]> ReadAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await using var read = context.Request.Headers.ContentEncoding == "gzip" ? new GZipStream(context.Request.Body, CompressionMode.Decompress) : context.Request.Body;
        await read.CopyToAsync(body, context.RequestAborted);
        return body.ToArray();
    }
}

/// <summary>An answer that is no default.</summary>
internal sealed record SinkAnswer(int Status, string Body);
