using System.Collections.Concurrent;

namespace LlmOps.Tests.Redis;

public sealed class RedisSubscriptionTests
{
    [RedisTheory]
    [InlineData("resp2")]
    [InlineData("resp3")]
    public async Task Listener_HearsItsChannelThroughARestart(string protocol)
    {
        await using var server = await RedisServer.StartAsync();
        await using var redis = await TestRedis.ConnectAsync($"{server.Address},protocol={protocol}");
        await using var publisher = await TestRedis.ConnectAsync(server.Address);
        Listener one = new(), same = new(), other = new();
        using var first = redis.Client.Subscribe("ä:clear", one.Receive, one.Listen);
        await one.ListeningAsync(1);
        var second = redis.Client.Subscribe("ä:clear", same.Receive, same.Listen);
        using var third = redis.Client.Subscribe("other", other.Receive, other.Listen);
        await same.ListeningAsync(1);
        await other.ListeningAsync(1);

        await publisher.Client.PublishAsync("ä:clear", new byte[] { 0, 255, 13, 10 });
        await publisher.Client.PublishAsync("other", "x");

        await one.HeardAsync("0,255,13,10");
        await same.HeardAsync("0,255,13,10");
        await other.HeardAsync("120");
        other.Heard.Count.ShouldBe(1);
        one.Listened.ShouldBe(1);

        await server.KillAsync();
        await server.RestartAsync();

        await one.ListeningAsync(2);
        await same.ListeningAsync(2);
        await publisher.AvailableAsync();
        await publisher.Client.PublishAsync("ä:clear", "a");
        await one.HeardAsync("97");
        await same.HeardAsync("97");

        second.Dispose();
        await publisher.Client.PublishAsync("ä:clear", "b");
        await one.HeardAsync("98");
        same.Heard.ShouldNotContain("98");
        first.Dispose();
        await Conditions.HoldsAsync(async () => !(await server.CliAsync("PUBSUB", "CHANNELS")).Contains("clear", StringComparison.Ordinal));
    }

    [RedisFact]
    public async Task ListenerThatThrows_IsLoggedAndHearsOn()
    {
        await using var server = await RedisServer.StartAsync();
        await using var redis = await TestRedis.ConnectAsync(server.Address);
        Listener listener = new();
        using var subscription = redis.Client.Subscribe(
            "c",
            message =>
            {
                listener.Receive(message);
                throw new InvalidOperationException("the listener's fault");
            },
            listener.Listen);
        await listener.ListeningAsync(1);

        await redis.Client.PublishAsync("c", "1");
        await redis.Client.PublishAsync("c", "2");

        await listener.HeardAsync("49");
        await listener.HeardAsync("50");
        (await redis.Logs.FirstAsync(log => log.Exception is InvalidOperationException)).Message.ShouldContain("channel c");
        listener.Listened.ShouldBe(1);
    }

    [Fact]
    public async Task ServerThatGoesSilent_IsListenedToAnew()
    {
        await using var fake = new FakeRedis(command => command[0] switch { "SUBSCRIBE" => $">3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n", "PING" => "", _ => null });
        await using var redis = await TestRedis.ConnectAsync(fake.Address);
        Listener listener = new();

        using var subscription = redis.Client.Subscribe("c", listener.Receive, listener.Listen);

        await listener.ListeningAsync(2);
    }

    [RedisFact]
    public async Task SubscribedBeforeTheServerIsThere_ItIsHeardOnceItIs()
    {
        await using var server = await RedisServer.StartAsync();
        await server.KillAsync();
        await using var redis = new TestRedis(server.Address);
        Listener listener = new();
        using var subscription = redis.Client.Subscribe("c", listener.Receive, listener.Listen);
        await redis.DownAsync("refused");

        await server.RestartAsync();

        await listener.ListeningAsync(1);
        await server.CliAsync("PUBLISH", "c", "x");
        await listener.HeardAsync("120");
    }

    private sealed class Listener
    {
        private int _listened;

        public ConcurrentQueue<string> Heard { get; } = new();

        public int Listened => Volatile.Read(ref _listened);

        public void Receive(ReadOnlyMemory<byte> message) => Heard.Enqueue(string.Join(',', message.ToArray()));

        public void Listen() => Interlocked.Increment(ref _listened);

        public Task HeardAsync(string bytes) => Conditions.HoldsAsync(() => Task.FromResult(Heard.Contains(bytes)));

        public Task ListeningAsync(int times) => Conditions.HoldsAsync(() => Task.FromResult(Listened >= times));
    }
}
