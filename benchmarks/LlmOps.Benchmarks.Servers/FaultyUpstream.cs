namespace LlmOps.Benchmarks.Servers;

/// <summary>
/// The upstream, with faults that are switched while it runs. On its other port: <c>PUT /fault/NAME</c>, where <c>none</c>
/// is health and <c>gone</c> closes the listener and all connections; <c>GET /counts</c>; <c>GET /leavers</c>.
/// </summary>
internal static class FaultyUpstream
{
    private const string None = "none";
    private const string Gone = "gone";

    public static async Task RunAsync(int port, int controlPort)
    {
        var calls = new UpstreamCalls();
        var upstream = Upstream.On(port, calls);
        await upstream.StartAsync();

        var control = Server.On(controlPort).Build();
        control.MapPut("/fault/{name}", async (string name, int? retryAfter) =>
        {
            var fault = Fault.Named(name, retryAfter ?? 1);
            if (fault is null && name is not (None or Gone))
            {
                return Results.NotFound();
            }

            var counts = calls.Counts;
            calls.Fault = fault;
            if (name == Gone && !calls.IsGone)
            {
                calls.IsGone = true;
                await upstream.StopAsync(new CancellationToken(canceled: true));
                await upstream.DisposeAsync();
            }
            else if (name != Gone && calls.IsGone)
            {
                calls.IsGone = false;
                upstream = Upstream.On(port, calls);
                await upstream.StartAsync();
            }

            // As they were at the change.
            return Results.Ok(counts);
        });
        control.MapGet("/counts", () => calls.Counts);
        control.MapGet("/leavers", () => calls.OfLeavers);
        await control.RunAsync();
    }
}
