using LlmOps.Benchmarks.Servers;

// The servers that the gateway is measured beside, and the one behind them all. Each is a process of its own.
const string Usage = """
    usage: LlmOps.Benchmarks.Servers upstream PORT
           LlmOps.Benchmarks.Servers faulty PORT CONTROL-PORT
           LlmOps.Benchmarks.Servers repeat PORT
           LlmOps.Benchmarks.Servers yarp PORT UPSTREAM-URL
           LlmOps.Benchmarks.Servers forward PORT UPSTREAM-URL
           LlmOps.Benchmarks.Servers bare PORT [REDIS-HOST:PORT]
           LlmOps.Benchmarks.Servers sink PORT
           LlmOps.Benchmarks.Servers faulty-sinks PORT CONTROL-PORT LANGFUSE-VERSION
    """;

switch (args)
{
    case ["upstream", var port]:
        await Upstream.RunAsync(int.Parse(port));
        return 0;
    case ["faulty", var port, var control]:
        await FaultyUpstream.RunAsync(int.Parse(port), int.Parse(control));
        return 0;
    case ["repeat", var port]:
        await Repeater.RunAsync(int.Parse(port));
        return 0;
    case ["yarp", var port, var upstream]:
        await YarpProxy.RunAsync(int.Parse(port), upstream);
        return 0;
    case ["forward", var port, var upstream]:
        await BareForwarder.RunAsync(int.Parse(port), upstream);
        return 0;
    case ["bare", var port]:
        await BareEndpoint.RunAsync(int.Parse(port));
        return 0;
    case ["bare", var port, var redis]:
        await BareRedisEndpoint.RunAsync(int.Parse(port), redis);
        return 0;
    case ["sink", var port]:
        await Sink.RunAsync(int.Parse(port));
        return 0;
    case ["faulty-sinks", var port, var control, var langfuse]:
        await FaultySinks.RunAsync(int.Parse(port), int.Parse(control), langfuse);
        return 0;
    default:
        Console.Error.WriteLine(Usage);
        return 2;
}
