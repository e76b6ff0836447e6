using LlmOps.Gateway.Access.Keys;
using LlmOps.Gateway.Access.Known;
using LlmOps.Gateway.Access.Users;
using LlmOps.Gateway.Endpoints;
using LlmOps.Gateway.Endpoints.Administration;

namespace LlmOps.Tests.Access;

/// <summary>What has secrets does not print them: neither in a log, nor in a failed assertion.</summary>
public sealed class PrintedSecretsTests
{
    private const string Hidden = "hidden-from-all";

    private static readonly UserRow User = new() { Name = "ann", Tenant = "acme", Roles = "user", PasswordHash = Hidden };
    private static readonly KeyRow Key = new() { Id = "key_1", Name = "ci", Hash = "00", Tenant = "acme", Roles = "user" };

    public static TheoryData<string> Printed =>
    [
        $"{new TokenPair(Hidden, Hidden)}",
        $"{new TokenReply(Hidden, "Bearer", 1, Hidden)}",
        $"{VirtualKeyReply.Of(Key, Hidden, DateTimeOffset.UnixEpoch)}",
        $"{User}",
        $"{new AccessUser(User, new("acme", "ann", default))}",
        $"{new AccessRows { Version = "1", KeyHashSecret = Hidden, TokenSecret = Hidden, Tenants = [], Teams = [], Users = [User], Keys = [Key] }}",
    ];

    [Theory, MemberData(nameof(Printed))]
    public void Text_HasNoSecret(string text)
    {
        text.ShouldNotBeEmpty();
        text.ShouldNotContain(Hidden);
    }
}
