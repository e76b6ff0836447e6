using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using LlmOps.Gateway.Redis;

namespace LlmOps.Tests.Redis;

/// <summary>A real Redis.</summary>
public sealed class RedisServerTests
{
    [RedisTheory]
    [InlineData("resp2")]
    [InlineData("resp3")]
    public async Task Values_ComeBackAsTheyWere(string protocol)
    {
        await using var server = await RedisServer.StartAsync();
        await using var redis = await TestRedis.ConnectAsync($"{server.Address},protocol={protocol},defaultDatabase=2");
        var large = new byte[20_000_000];
        new Random(1).NextBytes(large);

        foreach (var value in new[] { [], [0, 13, 10, 36, 255], large })
        {
            (await redis.TextAsync("SET", RedisArgument.Key("k"), value, "PX", 600_000)).ShouldBe("OK");
            (await redis.Client.ExecuteAsync("GET", [RedisArgument.Key("k")])).Bytes.Span.SequenceEqual(value).ShouldBeTrue();
        }

        (await redis.Client.ExecuteAsync("GET", [RedisArgument.Key("none")])).IsNull.ShouldBeTrue();
        (await redis.Client.ExecuteAsync("SET", ["k", "x", "NX"])).IsNull.ShouldBeTrue();
        (await redis.Client.ExecuteAsync("EXISTS", ["k", "none"])).Integer.ShouldBe(1);
        await redis.Client.ExecuteAsync("HSET", ["h", "a", 1, "b", 2]);
        (await redis.Client.ExecuteAsync("HGETALL", ["h"])).Items.ToArray().Select(item => item.Text).ShouldBe(["a", "1", "b", "2"]);
        await redis.Client.ExecuteAsync("ZADD", ["z", 1.5, "m"]);
        (await redis.Client.ExecuteAsync("ZSCORE", ["z", "m"])).Number.ShouldBe(1.5);
        (await server.CliAsync("-n", "2", "DBSIZE")).ShouldBe("3");
        (await server.CliAsync("CLIENT", "LIST")).ShouldContain($"name=llmops-gateway age=");
        (await server.CliAsync("CLIENT", "LIST")).ShouldContain($"resp={protocol[^1]}");
    }

    [RedisFact]
    public async Task EveryTypeOfTheServer_IsRead()
    {
        await using var server = await RedisServer.StartAsync();
        await using var redis = await TestRedis.ConnectAsync(server.Address);

        foreach (var (type, shown) in new[]
        {
            ("string", "BulkString(Hello World)"), ("integer", "12345"), ("double", "3.141d"), ("null", "null"), ("array", "Array[0, 1, 2]"), ("set", "Set[0, 1, 2]"),
            ("map", "Map[0, false, 1, true, 2, false]"), ("attrib", "BulkString(Some real reply following the attribute)"), ("verbatim", "VerbatimString(This is a verbatim\nstring)"),
            ("true", "true"), ("false", "false"), ("bignum", "BigNumber(1234567999999999999999999999999999999)"), ("push", "BulkString(Some real reply following the push reply)"),
        })
        {
            var reply = await redis.Client.ExecuteAsync("DEBUG", ["PROTOCOL", type]);
            if (type != "push")
            {
                reply.Show().ShouldBe(shown, type);
            }
        }
    }

    [RedisTheory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task TenThousandCallsAtOnce_GetTheirOwnAnswers(int connections)
    {
        await using var server = await RedisServer.StartAsync();
        await using var redis = await TestRedis.ConnectAsync(server.Address, options => options with { MaxConnections = connections });

        var calls = Enumerable.Range(0, 10_000).Select(number => Task.Run(async () =>
        {
            var text = $"{number}:{new string('x', number % 2_000)}";
            (await redis.TextAsync("ECHO", text)).ShouldBe(text);
        }));

        await Task.WhenAll(calls);
        await Conditions.HoldsAsync(async () => (await server.CliAsync("CLIENT", "LIST")).Split("name=llmops-gateway ").Length - 1 == connections);
    }

    [RedisFact]
    public async Task ServersError_IsToldByItsCode()
    {
        await using var server = await RedisServer.StartAsync();
        await using var redis = await TestRedis.ConnectAsync(server.Address);
        await redis.Client.ExecuteAsync("SET", ["private-key", "private-value"]);

        var failure = await redis.FailureAsync("LPUSH", "private-key", "x");

        (failure.Reason, failure.Code).ShouldBe((RedisFailure.Server, "WRONGTYPE"));
        (await redis.FailureAsync("NOSUCH", "private-key")).ToString().ShouldNotContain("private");
    }

    [RedisFact]
    public async Task Script_IsSentOnceAndAgainToAServerThatForgotIt()
    {
        await using var server = await RedisServer.StartAsync();
        await using var redis = await TestRedis.ConnectAsync(server.Address);
        var script = new RedisScript("return {KEYS[1], ARGV[1], redis.call('INCRBY', KEYS[1], ARGV[1])}");

        (await redis.Client.EvaluateAsync(script, ["n"], [5])).Show().ShouldBe("Array[BulkString(n), BulkString(5), 5]");
        (await redis.Client.EvaluateAsync(script, ["n"], [2])).Items[2].Integer.ShouldBe(7);
        await server.CliAsync("SCRIPT", "FLUSH");
        (await redis.Client.EvaluateAsync(script, ["n"], [1])).Items[2].Integer.ShouldBe(8);

        var stats = await server.CliAsync("INFO", "commandstats");
        stats.ShouldContain("cmdstat_eval:calls=2,");
        stats.ShouldContain("cmdstat_evalsha:calls=3,");
        (await redis.Client.EvaluateAsync(new RedisScript("return #KEYS"), [], [])).Integer.ShouldBe(0);
        var failure = await Should.ThrowAsync<RedisException>(async () => await redis.Client.EvaluateAsync(new RedisScript("return redis.error_reply('OVER budget')"), ["n"], []));
        (failure.Reason, failure.Code).ShouldBe((RedisFailure.Server, "OVER"));
    }

    [RedisTheory]
    [InlineData("resp2")]
    [InlineData("resp3")]
    public async Task KilledUnderLoad_ItComesBackAndNoAnswerWasAnothers(string protocol)
    {
        await using var server = await RedisServer.StartAsync();
        await using var redis = await TestRedis.ConnectAsync($"{server.Address},protocol={protocol}");
        using var stop = new CancellationTokenSource();
        int answered = 0, failed = 0;
        var load = Enumerable.Range(0, 16).Select(caller => Task.Run(async () =>
        {
            for (var number = 0; !stop.IsCancellationRequested; number++)
            {
                try
                {
                    (await redis.TextAsync("ECHO", $"{caller}/{number}")).ShouldBe($"{caller}/{number}");
                    Interlocked.Increment(ref answered);
                }
                catch (RedisException exception)
                {
                    exception.Reason.ShouldBe(RedisFailure.Unavailable);
                    Interlocked.Increment(ref failed);
                    await Task.Yield();
                }
            }
        })).ToList();

        for (var round = 0; round < 3; round++)
        {
            await MoreAsync(() => Volatile.Read(ref answered));
            await server.KillAsync();
            await MoreAsync(() => Volatile.Read(ref failed));
            await server.RestartAsync();
            await MoreAsync(() => Volatile.Read(ref answered));
        }

        await stop.CancelAsync();
        await Task.WhenAll(load);
        redis.Lines.Count(line => line == $"I Redis at {server.Address} is available.").ShouldBe(4);
        redis.Lines.Count(line => line[0] == 'W').ShouldBe(3);
    }

    [RedisFact]
    public async Task SuspendedServer_CostsNobodyMoreThanTheDeadlineAndIsUsedAgain()
    {
        await using var server = await RedisServer.StartAsync();
        await using var redis = await TestRedis.ConnectAsync(server.Address, options => options with { CallTimeout = TimeSpan.FromMilliseconds(200), ConnectTimeout = TimeSpan.FromMilliseconds(500) });

        server.Suspend();
        await Conditions.HoldsAsync(async () => await FailsAsync(RedisFailure.Deadline));
        await Conditions.HoldsAsync(async () => await FailsAsync(RedisFailure.Unavailable));
        await Conditions.HoldsAsync(() => Task.FromResult(!redis.Client.IsAvailable));

        server.Resume();
        await Conditions.HoldsAsync(async () => !await FailsAsync(null));

        async Task<bool> FailsAsync(RedisFailure? reason)
        {
            try
            {
                await redis.TextAsync("ECHO", "x");
                return false;
            }
            catch (RedisException exception)
            {
                return reason is null || exception.Reason == reason;
            }
        }
    }

    [RedisTheory]
    [InlineData("resp2")]
    [InlineData("resp3")]
    public async Task Password_IsGivenAndAWrongOneToldOnce(string protocol)
    {
        await using var server = await RedisServer.StartAsync("--requirepass", "right,one", "--user", "app", "on", ">app/secret", "~app:*", "+@all", "-@dangerous");
        foreach (var (text, fault) in new[]
        {
            ($"redis://:right%2Cone@{server.Address}?protocol={protocol}", null),
            ($"redis://app:app%2Fsecret@{server.Address}?protocol={protocol}", null),
            ($"{server.Address},user=app,password=app/secret,protocol={protocol}", null),
            ($"redis://:wr0ng@{server.Address}?protocol={protocol}", "the user name or the password is wrong"),
            ($"redis://nobody:wr0ng@{server.Address}?protocol={protocol}", "the user name or the password is wrong"),
            ($"redis://{server.Address}?protocol={protocol}", (string?)"a password is needed"),
        })
        {
            await using var redis = new TestRedis(text);
            if (fault is null)
            {
                await redis.AvailableAsync();
                (await redis.TextAsync("SET", "app:k", "v")).ShouldBe("OK");
                continue;
            }

            await redis.DownAsync(fault);
            (await redis.FailureAsync("GET", "k")).Message.ShouldContain(fault);
            await redis.Logs.FirstAsync(log => log.Message.Contains(fault, StringComparison.Ordinal));
            redis.Lines.ShouldBe([$"W Redis at {server.Address} is not available: {fault}. The gateway goes on without it."]);
            string.Concat(redis.Logs.All.Select(log => log.Message + log.Exception)).ShouldNotContain("wr0ng");
        }

        await using var limited = await TestRedis.ConnectAsync($"redis://app:app%2Fsecret@{server.Address}?protocol={protocol}");
        (await limited.FailureAsync("GET", "other")).Code.ShouldBe("NOPERM");
    }

    [RedisFact]
    public async Task DatabaseThatIsNotThere_IsTold()
    {
        await using var server = await RedisServer.StartAsync();
        await using var redis = new TestRedis($"redis://{server.Address}/99");

        await redis.DownAsync("database 99");
    }

    [RedisFact]
    public async Task Tls_IsSpokenWithServersOfATrustedAuthorityOnly()
    {
        var folder = Directory.CreateTempSubdirectory("llmops-tls-");
        try
        {
            var (certificate, key) = WriteCertificate(folder.FullName);
            await using var server = await RedisServer.StartTlsAsync(certificate, key);

            await using (var redis = await TestRedis.ConnectAsync($"rediss://localhost:{server.Port}", options => options with { CertificateAuthorityFile = certificate }))
            {
                var value = RandomNumberGenerator.GetBytes(5_000_000);
                await redis.Client.ExecuteAsync("SET", ["k", value]);
                (await redis.Client.ExecuteAsync("GET", ["k"])).Bytes.Span.SequenceEqual(value).ShouldBeTrue();
                await Task.WhenAll(Enumerable.Range(0, 1_000).Select(async number => (await redis.TextAsync("ECHO", $"{number}")).ShouldBe($"{number}")));
            }

            await using var named = await TestRedis.ConnectAsync($"{server.Address},ssl=true,sslHost=localhost", options => options with { CertificateAuthorityFile = certificate });
            await using var misnamed = new TestRedis($"localhost:{server.Port},ssl=true,sslHost=other.example", options => options with { CertificateAuthorityFile = certificate });
            await misnamed.DownAsync("TLS failed");
            await using var untrusting = new TestRedis($"rediss://localhost:{server.Port}");
            await untrusting.DownAsync("TLS failed");
            await using var plain = new TestRedis($"redis://localhost:{server.Port}");
            await plain.DownAsync("");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static (string Certificate, string Key) WriteCertificate(string folder)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        using var certificate = request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
        var (certificateFile, keyFile) = (Path.Combine(folder, "server.pem"), Path.Combine(folder, "server.key"));
        File.WriteAllText(certificateFile, certificate.ExportCertificatePem());
        File.WriteAllText(keyFile, key.ExportPkcs8PrivateKeyPem());
        return (certificateFile, keyFile);
    }

    private static Task MoreAsync(Func<int> count)
    {
        var before = count();
        return Conditions.HoldsAsync(() => Task.FromResult(count() >= before + 100));
    }
}
