using LlmOps.Gateway.Configuration;
using LlmOps.Tests.Configuration;

namespace LlmOps.Tests.Redis;

/// <summary>Gateway:Redis within the configuration as a whole.</summary>
public sealed class RedisSettingsTests
{
    private const string ConnectionString = "Gateway:Redis:ConnectionString";

    [Fact]
    public void Faults_NameTheirKeysAndNoPassword()
    {
        var exception = Should.Throw<ConfigurationException>(() => ConfigurationTests.Build(
            (ConnectionString, "h,password=hunter2,proxy=x"),
            ("Gateway:Redis:MaxConnections", "0"),
            ("Gateway:Redis:CallTimeout", "50"),
            ("Gateway:Redis:Backoff", "10s"),
            ("Gateway:Redis:Breaker:FailureRatio", "2")));

        exception.Faults.ShouldBe(
            [
                "Gateway:Redis:MaxConnections (REDIS_MAX_CONNECTIONS) is 0; expected 1 to 64.",
                "Gateway:Redis:CallTimeout is '50'; expected a duration such as 00:00:30, 30s or 500ms.",
                "Gateway:Redis:Breaker:FailureRatio is 2; expected 0.01 to 1.",
                "Gateway:Redis:Backoff is 00:00:10; expected at most Gateway:Redis:MaxBackoff (00:00:02).",
                "Gateway:Redis:ConnectionString (REDIS_URL, ConnectionStrings__redis) has 'proxy', which is not supported; expected user, password, defaultDatabase, ssl, sslHost, checkCertificateRevocation, name or protocol.",
            ],
            ignoreOrder: true);
    }

    [Theory]
    [InlineData("/does/not/exist", "cannot be read")]
    [InlineData("/etc/hostname", "has no certificate")]
    public void AuthoritiesThatAreNone_AreAFault(string path, string fault) =>
        Should.Throw<ConfigurationException>(() => ConfigurationTests.Build((ConnectionString, "rediss://h"), ("Gateway:Redis:CertificateAuthorityFile", path)))
            .Message.ShouldContain($"Gateway:Redis:CertificateAuthorityFile is '{path}', which {fault}");

    [Fact]
    public void EnabledWithoutAPlace_IsAFault()
    {
        Should.Throw<ConfigurationException>(() => ConfigurationTests.Build(("Gateway:Redis:Enabled", "true"))).Message.ShouldContain("REDIS_URL");
        ConfigurationTests.Build(("Gateway:Redis:Enabled", "false"), (ConnectionString, "redis://h")).Options.Redis.Enabled.ShouldBe(false);
    }

    [Fact]
    public void InjectedConnectionString_IsTakenUnlessOursIsSet()
    {
        ConfigurationTests.Build(("ConnectionStrings:redis", "one:6379")).Options.Redis.ConnectionString!.Reveal().ShouldBe("one:6379");
        ConfigurationTests.Build(("ConnectionStrings:redis", "one:6379"), (ConnectionString, "two:6379")).Options.Redis.ConnectionString!.Reveal().ShouldBe("two:6379");
    }

    [Fact]
    public void Version_IsBlindToTheConnectionString()
    {
        var first = ConfigurationTests.Build((ConnectionString, "redis://:one@h"));

        ConfigurationTests.Build((ConnectionString, "redis://:two@h")).Version.ShouldBe(first.Version);
        ConfigurationTests.Build().Version.ShouldNotBe(first.Version);
    }
}
