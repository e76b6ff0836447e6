using LlmOps.Gateway.Redis;

namespace LlmOps.Tests.Redis;

public sealed class RedisConnectionStringTests
{
    [Theory]
    [InlineData("redis://cache.example", "cache.example:6379", null, null, 0, false)]
    [InlineData("REDIS://cache.example/", "cache.example:6379", null, null, 0, false)]
    [InlineData("redis://", "localhost:6379", null, null, 0, false)]
    [InlineData("redis://:p%40ss%2Fw%3Ard@10.0.0.1:7000/3", "10.0.0.1:7000", null, "p@ss/w:rd", 3, false)]
    [InlineData("rediss://app:a:b@@cache.example:6380", "cache.example:6380", "app", "a:b@", 0, true)]
    [InlineData("rediss://a%20b:x@[2001:db8::1]:6390/0", "[2001:db8::1]:6390", "a b", "x", 0, true)]
    [InlineData("redis://[::1]", "[::1]:6379", null, null, 0, false)]
    [InlineData("redis://h?db=2&password=p%26q&user=u&ssl=true", "h:6379", "u", "p&q", 2, true)]
    [InlineData("localhost", "localhost:6379", null, null, 0, false)]
    [InlineData("localhost:7001, localhost:7002 ,password=p=q==, defaultDatabase = 4", "localhost:7001 localhost:7002", null, "p=q==", 4, false)]
    [InlineData("c.redis.cache.windows.net:6380,password=secret=,ssl=True,abortConnect=False", "c.redis.cache.windows.net:6380", null, "secret=", 0, true)]
    [InlineData("c.example,ssl=true,user=app,password=x", "c.example:6380", "app", "x", 0, true)]
    [InlineData("[::1]:7000,[::2]", "[::1]:7000 [::2]:6379", null, null, 0, false)]
    public void Form_IsRead(string text, string addresses, string? user, string? password, int database, bool tls)
    {
        var read = RedisConnectionString.Parse(text);

        string.Join(' ', read.Addresses).ShouldBe(addresses);
        (read.User, read.Password?.Reveal(), read.Database, read.UsesTls).ShouldBe((user, password, database, tls));
    }

    [Fact]
    public void FurtherWords_AreRead()
    {
        var read = RedisConnectionString.Parse(
            "h,name=gateway-1,sslHost=cache.internal,protocol=resp2,checkCertificateRevocation=true,sslprotocols=tls12,syncTimeout=1000,connectTimeout=5000,keepAlive=60,allowAdmin=true,connectRetry=3,password=");

        (read.ClientName, read.TlsHost, read.UsesResp2, read.ChecksRevocation, read.Password).ShouldBe(("gateway-1", "cache.internal", true, true, null));
    }

    [Theory]
    [InlineData("http://cache.example", "unknown scheme")]
    [InlineData("unix:///run/redis.sock", "unknown scheme")]
    [InlineData("ssl=true,password=hunter2", "names no host")]
    [InlineData("h:abc,password=hunter2", "a host that is none")]
    [InlineData("h:70000", "a host that is none")]
    [InlineData("::1", "a host that is none")]
    [InlineData("redis://:hun/ter2@h", "a host that is none")]
    [InlineData("redis://:hunter2@h/x", "a database that is no whole number")]
    [InlineData("redis://hunter2@h", "a user but no password")]
    [InlineData("h,pasword=hunter2", "'pasword', which is not supported")]
    [InlineData("h,password=hunter2,serviceName=primary", "'serviceName', which is not supported")]
    [InlineData("h,channelPrefix=x", "'channelPrefix', which is not supported")]
    [InlineData("h,password=x,hunter2=y", "an unknown word after the password")]
    [InlineData("h,password=x,hunter2", "a part without '=' after the password")]
    [InlineData("redis://h?ssl_cert_reqs=none", "'ssl_cert_reqs', which is not supported")]
    [InlineData("h,ssl=perhaps", "ssl with neither true nor false")]
    [InlineData("h,name=a b", "a name with a space")]
    [InlineData("h,protocol=resp4", "an unknown protocol")]
    public void Fault_IsNamedWithoutThePassword(string text, string fault)
    {
        var message = Should.Throw<FormatException>(() => RedisConnectionString.Parse(text)).Message;

        message.ShouldContain(fault);
        message.ShouldNotContain("hun");
    }
}
