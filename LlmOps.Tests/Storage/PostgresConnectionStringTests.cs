using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Storage;
using LlmOps.Tests.Configuration;
using Npgsql;

namespace LlmOps.Tests.Storage;

public sealed class PostgresConnectionStringTests
{
    private const string Key = "Gateway:Storage:ConnectionString";

    [Theory]
    [InlineData("postgres://user:pass@host/db", "host", 5432, "user", "pass", "db")]
    [InlineData("postgresql://user:p%40ss%3Aw%2Frd@host:6543/db", "host", 6543, "user", "p@ss:w/rd", "db")]
    [InlineData("postgres://user:p#a@ss@host/db", "host", 5432, "user", "p#a@ss", "db")]
    [InlineData("POSTGRES://user@host", "host", 5432, "user", null, null)]
    [InlineData("postgres://user:pass@[::1]:5433/db", "::1", 5433, "user", "pass", "db")]
    [InlineData("postgres://[::1]/db", "::1", 5432, null, null, "db")]
    [InlineData("postgres:///db?host=/var/run/postgresql&user=u", "/var/run/postgresql", 5432, "u", null, "db")]
    [InlineData("Host=host;Username=user;Password=pass;Database=db", "host", 5432, "user", "pass", "db")]
    [InlineData("Server=host;Port=6543;User Id=user;Password='p;=ss';Database=db", "host", 6543, "user", "p;=ss", "db")]
    [InlineData("host=host;user=user;password=pass;dbname=db;connect_timeout=3", "host", 5432, "user", "pass", "db")]
    public void BothForms_AreRead(string text, string host, int port, string? user, string? password, string? database)
    {
        var read = PostgresConnectionString.Parse(text);

        (read.Host, read.Port, read.Username, read.Password, read.Database).ShouldBe((host, port, user, password, database));
    }

    [Theory]
    [InlineData("postgres://h/db?sslmode=require", SslMode.Require)]
    [InlineData("postgres://h/db?sslmode=verify-full&connect_timeout=10", SslMode.VerifyFull)]
    [InlineData("Host=h;SSL Mode=VerifyCA", SslMode.VerifyCA)]
    public void SslMode_IsTakenInBothSpellings(string text, SslMode mode) => PostgresConnectionString.Parse(text).SslMode.ShouldBe(mode);

    [Fact]
    public void SeveralHosts_AreThoseOfWhichOneTakesWrites()
    {
        var read = PostgresConnectionString.Parse("postgres://u:p@one,two:6543/db");

        (read.Host, read.TargetSessionAttributes).ShouldBe(("one:5432,two:6543", "primary"));
        PostgresConnectionString.Parse("postgres://u:p@one,two/db?target_session_attrs=any").TargetSessionAttributes.ShouldBe("any");
    }

    [Theory]
    [InlineData("postgres://user:hunter2/x@host/db", "has a host that is none")]
    [InlineData("postgres://user:1?hunter2@host/db", "has a host that is none")]
    [InlineData("postgres://user:hunter2@host:99999/db", "has a host that is none")]
    [InlineData("postgres://user:hunter2@/db", "names no host")]
    [InlineData("postgres://user:hunter2@host/db?nonsense=1", "has 'nonsense', which is not supported")]
    [InlineData("postgres://user:hunter2@host/db?sslmode=hunter2", "has sslmode with a value that is not understood")]
    [InlineData("Host=host;Password=abc;hunter2=x", "has an unknown word after the password")]
    [InlineData("Host=host;Port=hunter2", "has port with a value that is not understood")]
    [InlineData("Host=host;Nonsense=hunter2", "has 'nonsense', which is not supported")]
    [InlineData("Username=u;Password=hunter2", "names no host")]
    [InlineData("mysql://user:hunter2@host/db", "is not understood")]
    public void Fault_IsToldWithItsKey_WithoutThePassword(string text, string fault)
    {
        var exception = Should.Throw<ConfigurationException>(() => ConfigurationTests.Build((Key, text)));

        exception.Faults.ShouldHaveSingleItem().ShouldStartWith($"{Key} (ConnectionStrings__llmops, DATABASE_URL) {fault}");
        exception.Message.ShouldNotContain("hunter2");
    }

    [Fact]
    public void InjectedConnectionString_IsTakenUnlessOursIsSet()
    {
        ConfigurationTests.Build(("ConnectionStrings:llmops", "Host=one")).Options.Storage.ConnectionString!.Reveal().ShouldBe("Host=one");
        ConfigurationTests.Build(("ConnectionStrings:llmops", "Host=one"), (Key, "Host=two")).Options.Storage.ConnectionString!.Reveal().ShouldBe("Host=two");
    }

    [Fact]
    public void Bounds_AreChecked()
    {
        var exception = Should.Throw<ConfigurationException>(() => ConfigurationTests.Build(("Gateway:Storage:MaxConnections", "0"), ("Gateway:Storage:CallTimeout", "1h"), ("Gateway:Storage:Breaker:FailureRatio", "2")));

        exception.Faults.ShouldBe(
            ["Gateway:Storage:MaxConnections is 0; expected 1 to 1000.", "Gateway:Storage:CallTimeout is 01:00:00; expected 00:00:00.0100000 to 00:05:00.", "Gateway:Storage:Breaker:FailureRatio is 2; expected 0.01 to 1."],
            ignoreOrder: true);
    }
}
