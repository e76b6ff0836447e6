using Yarp.ReverseProxy.Configuration;

namespace LlmOps.Benchmarks.Servers;

/// <summary>YARP as its documentation begins: one route, one cluster, everything at its default.</summary>
internal static class YarpProxy
{
    public static async Task RunAsync(int port, string upstream)
    {
        var builder = Server.On(port);
        builder.Services.AddReverseProxy().LoadFromMemory(
            [new RouteConfig { RouteId = "all", ClusterId = "upstream", Match = new RouteMatch { Path = "{**all}" } }],
            [new ClusterConfig { ClusterId = "upstream", Destinations = new Dictionary<string, DestinationConfig> { ["one"] = new() { Address = upstream } } }]);
        var app = builder.Build();
        app.MapReverseProxy();
        await app.RunAsync();
    }
}
