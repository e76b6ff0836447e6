using System.Text;
using LlmOps.Gateway.Redis;

namespace LlmOps.Tests.Redis;

/// <summary>One connection, to servers that are slow, silent or confused.</summary>
public sealed class RedisConnectionTests
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(50);

    [Fact]
    public async Task AnswersInPieces_GoToTheirCallers()
    {
        await using var fake = new FakeRedis(async (command, send) =>
        {
            if (command[0] != "ECHO")
            {
                return null;
            }

            foreach (var value in Encoding.ASCII.GetBytes($"*2\r\n${command[1].Length}\r\n{command[1]}\r\n:1\r\n"))
            {
                await send([value]);
            }

            return "";
        });
        await using var redis = await TestRedis.ConnectAsync(fake.Address);

        var calls = Enumerable.Range(0, 50).Select(async number =>
            (await redis.Client.ExecuteAsync("ECHO", [$"text {number}"])).Show().ShouldBe($"Array[BulkString(text {number}), 1]"));

        await Task.WhenAll(calls);
    }

    [Fact]
    public async Task CallerWhoLeaves_DisturbsNoOther()
    {
        using var gate = new Gate();
        await using var fake = new FakeRedis(async (command, _) =>
        {
            await (command[0] == "ECHO" ? gate.Opened : Task.CompletedTask);
            return null;
        });
        await using var redis = await TestRedis.ConnectAsync(fake.Address);
        using var leaving = new CancellationTokenSource();

        var first = redis.TextAsync("ECHO", "first");
        var second = redis.Client.ExecuteAsync("ECHO", ["second"], leaving.Token).AsTask();
        var third = redis.TextAsync("ECHO", "third");
        await leaving.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(second);
        gate.Open();
        (await first).ShouldBe("first");
        (await third).ShouldBe("third");
        await Should.ThrowAsync<OperationCanceledException>(async () => await redis.Client.ExecuteAsync("ECHO", ["x"], leaving.Token));
        fake.Commands.ShouldNotContain("ECHO x");
        fake.Accepted.ShouldBe(1);
    }

    [Fact]
    public async Task AnswerThatIsLate_IsNobodyElses()
    {
        using var gate = new Gate();
        await using var fake = new FakeRedis((command, send) => LateAsync(command, send, gate, signsOfLife: true));
        await using var redis = await TestRedis.ConnectAsync(fake.Address, options => options with { CallTimeout = TimeSpan.FromSeconds(1), Breaker = Never });

        var late = await redis.FailureAsync("GET", RedisArgument.Key("k"));
        gate.Open();

        (late.Reason, late.MayHaveRun).ShouldBe((RedisFailure.Deadline, true));
        await Conditions.HoldsAsync(async () => await TryAsync(redis, "next") == "next");
        fake.Accepted.ShouldBe(1);
    }

    [Fact]
    public async Task ServerThatGoesSilent_IsHungUpOn()
    {
        using var gate = new Gate();
        await using var fake = new FakeRedis((command, send) => LateAsync(command, send, gate, signsOfLife: false));
        await using var redis = await TestRedis.ConnectAsync(fake.Address, options => options with { CallTimeout = Short });

        (await redis.FailureAsync("GET", "k")).Reason.ShouldBe(RedisFailure.Deadline);

        await Conditions.HoldsAsync(() => Task.FromResult(fake.Accepted > 1));
        gate.Open();
        await Conditions.HoldsAsync(async () => await TryAsync(redis, "back") == "back");
    }

    [Fact]
    public async Task ServerThatIsTooSlow_IsLeftAloneUntilItAnswers()
    {
        using var gate = new Gate();
        await using var fake = new FakeRedis((command, send) => LateAsync(command, send, gate, signsOfLife: true));
        await using var redis = await TestRedis.ConnectAsync(fake.Address, options => options with
        {
            CallTimeout = TimeSpan.FromMilliseconds(500),
            Breaker = new RedisBreakerOptions { MinimumCalls = 3, Cooldown = TimeSpan.FromMilliseconds(500) },
        });

        RedisException failure;
        do
        {
            failure = await redis.FailureAsync("GET", "k");
        }
        while (failure.Reason == RedisFailure.Deadline);

        (failure.Reason, failure.MayHaveRun).ShouldBe((RedisFailure.Unavailable, false));
        await redis.Logs.FirstAsync(log => log.Message.Contains("available: too many calls had no answer in time", StringComparison.Ordinal));
        gate.Open();
        await redis.AvailableAsync();
        await Conditions.HoldsAsync(async () => await TryAsync(redis, "back") == "back");
    }

    [Fact]
    public async Task FullQueue_RefusesAtOnce()
    {
        using var gate = new Gate();
        await using var fake = new FakeRedis(async (command, _) =>
        {
            await (command[0] == "HELLO" ? Task.CompletedTask : gate.Opened);
            return null;
        });
        await using var redis = await TestRedis.ConnectAsync(fake.Address, options => options with { MaxPending = 3 });

        var calls = Enumerable.Range(0, 10).Select(number => redis.TextAsync("ECHO", $"{number}")).ToList();
        var refused = calls.Where(call => call.IsFaulted).ToList();
        refused.Count.ShouldBeGreaterThanOrEqualTo(7);
        foreach (var call in refused)
        {
            var failure = await Should.ThrowAsync<RedisException>(call);
            (failure.Reason, failure.MayHaveRun).ShouldBe((RedisFailure.Unavailable, false));
        }

        gate.Open();
        await Task.WhenAll(calls.Except(refused));
        (await redis.TextAsync("ECHO", "again")).ShouldBe("again");
    }

    [Fact]
    public async Task TooLargeACommand_IsRefusedAndNothingElse()
    {
        await using var fake = new FakeRedis();
        await using var redis = await TestRedis.ConnectAsync(fake.Address);

        var failure = await redis.FailureAsync("ECHO", new byte[RedisConnection.MaxUnsent]);

        (failure.Reason, failure.MayHaveRun).ShouldBe((RedisFailure.Unavailable, false));
        (await redis.TextAsync("ECHO", "small")).ShouldBe("small");
        fake.Accepted.ShouldBe(1);
    }

    [Theory]
    [InlineData("HTTP/1.1 400 Bad Request\r\n\r\n", "an answer of an unknown type")]
    [InlineData("$1000000000\r\n", "an answer of more than")]
    [InlineData("*1000000000\r\n", "an answer of more than")]
    [InlineData("+OK\r\n+one too many\r\n", "an answer that nobody asked for")]
    public async Task ConfusedServer_IsHungUpOnAndTriedAgain(string answer, string fault)
    {
        var confused = true;
        await using var fake = new FakeRedis(command => confused && command[0] == "GET" ? answer : null);
        await using var redis = await TestRedis.ConnectAsync(fake.Address);

        try
        {
            await redis.Client.ExecuteAsync("GET", ["k"]);
        }
        catch (RedisException exception)
        {
            (exception.Reason, exception.MayHaveRun).ShouldBe((RedisFailure.Unavailable, true));
        }

        await redis.Logs.FirstAsync(log => log.Message.Contains($"is not available: the server sent {fault}", StringComparison.Ordinal));
        confused = false;
        await Conditions.HoldsAsync(async () => await TryAsync(redis, "back") == "back");
        fake.Accepted.ShouldBe(2);
    }

    [Fact]
    public async Task LostConnection_FailsItsCallsAndIsMadeAnew()
    {
        await using var fake = new FakeRedis(command => command[0] == "GET" ? "" : null);
        await using var redis = await TestRedis.ConnectAsync(fake.Address);
        var call = redis.FailureAsync("GET", "k");
        await Conditions.HoldsAsync(() => Task.FromResult(fake.Commands.Contains("GET k")));

        fake.Disconnect();

        var failure = await call;
        (failure.Reason, failure.MayHaveRun).ShouldBe((RedisFailure.Unavailable, true));
        await Conditions.HoldsAsync(async () => await TryAsync(redis, "back") == "back");
    }

    [Fact]
    public async Task ServerWithoutHello_IsSpokenToInResp2()
    {
        await using var fake = new FakeRedis(command => command[0] == "HELLO" ? "-ERR unknown command `HELLO`, with args beginning with: `3`, `AUTH`, `secret`\r\n" : null);
        await using var redis = await TestRedis.ConnectAsync($"redis://:secret@{fake.Address}/5");

        (await redis.TextAsync("ECHO", "x")).ShouldBe("x");

        fake.Commands.Take(4).ShouldBe(["HELLO 3 AUTH default secret SETNAME llmops-gateway", "AUTH secret", "CLIENT SETNAME llmops-gateway", "SELECT 5"]);
    }

    [Theory]
    [InlineData("-ERR unknown command `HELLO`, with args beginning with: `3`, `AUTH`, `secret`\r\n", "-ERR secret is no good\r\n", "the server did not take the password (ERR)")]
    [InlineData("-WRONGPASS secret\r\n", "", "the user name or the password is wrong")]
    [InlineData("-NOAUTH secret\r\n", "", "a password is needed")]
    [InlineData("-DENIED secret\r\n", "", "protected mode")]
    [InlineData("-LOADING secret\r\n", "", "still loading")]
    [InlineData("-secret\r\n", "-secret\r\n", "(ERR)")]
    [InlineData("*3\r\n*0\r\n:1\r\n:2\r\n", "", "where a string was expected")]
    public async Task RefusedLogIn_IsToldWithoutTheServersWords(string hello, string auth, string reason)
    {
        await using var fake = new FakeRedis(command => command[0] switch { "HELLO" => hello, "AUTH" => auth, _ => null });
        await using var redis = new TestRedis($"redis://:secret@{fake.Address}");

        await redis.DownAsync(reason);

        var failure = await redis.FailureAsync("GET", "k");
        failure.Reason.ShouldBe(RedisFailure.Unavailable);
        failure.Message.ShouldContain(reason);
        await Conditions.HoldsAsync(() => Task.FromResult(fake.Accepted >= 3));
        redis.Lines.Count().ShouldBe(1);
        (failure + string.Concat(redis.Logs.All.Select(log => log.Message + log.Exception))).ShouldNotContain("secret");
    }

    [Fact]
    public async Task ServerThatLoads_IsUnavailable()
    {
        await using var fake = new FakeRedis(command => command[0] == "GET" ? "-LOADING Redis is loading the dataset in memory\r\n" : null);
        await using var redis = await TestRedis.ConnectAsync(fake.Address);

        var failure = await redis.FailureAsync("GET", "k");

        (failure.Reason, failure.MayHaveRun, failure.Code).ShouldBe((RedisFailure.Unavailable, false, "LOADING"));
    }

    [Fact]
    public async Task Replica_IsPassedOverForThePrimary()
    {
        await using var replica = new FakeRedis(command => command[0] == "HELLO" ? "%1\r\n+role\r\n+replica\r\n" : null);
        await using var primary = new FakeRedis();
        await using var redis = await TestRedis.ConnectAsync($"{replica.Address},{primary.Address}");

        (await redis.TextAsync("ECHO", "x")).ShouldBe("x");

        primary.Commands.ShouldContain("ECHO x");
    }

    // Redis 6 wraps the error of what a script calls.
    [Theory]
    [InlineData("-READONLY You can't write against a read only replica.\r\n")]
    [InlineData("-ERR Error running script (call to f_1): @user_script:1: @user_script: 1: -READONLY You can't write against a read only replica.\r\n")]
    public async Task PrimaryThatBecomesAReplica_IsLeft(string answer)
    {
        await using var demoted = new FakeRedis(command => command[0] is "SET" or "EVALSHA" ? answer : null);
        await using var primary = new FakeRedis();
        await using var redis = await TestRedis.ConnectAsync($"{demoted.Address},{primary.Address}");

        var failure = await redis.FailureAsync("EVALSHA", "x", 0);

        (failure.Reason, failure.MayHaveRun).ShouldBe((RedisFailure.Unavailable, false));
        await redis.AvailableAsync();
        (await redis.TextAsync("SET", "k", "v")).ShouldBe("OK");
    }

    [Theory]
    [InlineData("-MOVED 1 {0}\r\n", "MOVED")]
    [InlineData("-ASK 1 {0}\r\n", "ASK")]
    [InlineData("-MOVED 99999 {0}\r\n", "MOVED")]
    [InlineData("-MOVED nonsense\r\n", "MOVED")]
    public async Task RedirectionsWithoutEnd_End(string redirection, string code)
    {
        FakeRedis? fake = null;
        await using var started = fake = new FakeRedis(command => command[0] == "GET" ? string.Format(null, redirection, fake!.Address) : null);
        await using var redis = await TestRedis.ConnectAsync(fake.Address);

        await Conditions.HoldsAsync(async () => (await redis.FailureAsync("GET", RedisArgument.Key("k"))).Code == code);

        (await redis.TextAsync("ECHO", "x")).ShouldBe("x");
    }

    [Theory]
    [InlineData("SELECT")]
    [InlineData("multi")]
    [InlineData("SUBSCRIBE")]
    [InlineData("BLPOP")]
    public async Task CommandThatChangesTheConnection_IsRefused(string command)
    {
        await using var fake = new FakeRedis();
        await using var redis = await TestRedis.ConnectAsync(fake.Address);

        await Should.ThrowAsync<ArgumentException>(async () => await redis.Client.ExecuteAsync(command, ["1"]));

        fake.Commands.Count.ShouldBe(1);
    }

    [Fact]
    public async Task NoServer_IsToldOnceAndCallsFailAtOnce()
    {
        await using var redis = new TestRedis($"127.0.0.1:{Ports.Free()}");
        await redis.DownAsync("refused");

        var failure = await redis.FailureAsync("GET", "k");

        (failure.Reason, failure.MayHaveRun).ShouldBe((RedisFailure.Unavailable, false));
        redis.Client.IsAvailable.ShouldBeFalse();
        await redis.Logs.FirstAsync(log => log.Message.Contains("the connection was refused", StringComparison.Ordinal));
    }

    [Fact]
    public async Task WithoutRedis_EveryCallSaysSo()
    {
        var none = new NoRedis();

        (none.IsConfigured, none.IsAvailable).ShouldBe((false, false));
        (await Should.ThrowAsync<RedisException>(async () => await none.ExecuteAsync("GET", ["k"]))).Message.ShouldContain("REDIS_URL");
        none.Subscribe("c", _ => { }, () => { }).Dispose();
    }

    private static RedisBreakerOptions Never => new() { MinimumCalls = 1_000_000 };

    // A server that answers what is asked, and what comes behind it, only when the gate opens.
    private static async Task<string?> LateAsync(string[] command, Func<byte[], Task> send, Gate gate, bool signsOfLife)
    {
        while (command[0] is "GET" or "PING" && !gate.Opened.IsCompleted)
        {
            await (signsOfLife ? send(">1\r\n+invalidate\r\n"u8.ToArray()) : Task.CompletedTask);
            await Task.WhenAny(gate.Opened, Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System));
        }

        return command[0] == "GET" ? "$4\r\nlate\r\n" : null;
    }

    private static async Task<string> TryAsync(TestRedis redis, string text)
    {
        try
        {
            return await redis.TextAsync("ECHO", text);
        }
        catch (RedisException exception)
        {
            return exception.Reason.ToString();
        }
    }
}
