using LlmOps.Gateway.Access.Keys;
using LlmOps.Gateway.Access.Known;
using LlmOps.Gateway.Access.Users;

namespace LlmOps.Tests.Access;

/// <summary>What is known of a key, at what time.</summary>
public sealed class AccessSnapshotTests
{
    private static readonly byte[] Secret = new byte[32];
    private static readonly string Key = KeyText.Create();
    private static readonly string Previous = KeyText.Create();

    // RFC 4231, 4.3.
    [Fact]
    public void Hash_IsHmacOfTheKey() =>
        KeyHash.Of("what do ya want for nothing?", "Jefe"u8).ToString().ShouldBe("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");

    [Fact]
    public void Hash_IsReadAsItIsWritten() => KeyHash.Parse(KeyHash.Of(Key, Secret).ToString()).ShouldBe(KeyHash.Of(Key, Secret));

    [Theory]
    [InlineData(false, 999, nameof(KeyState.Valid))]
    [InlineData(false, 1000, nameof(KeyState.Expired))]
    [InlineData(true, 499, nameof(KeyState.Valid))]
    [InlineData(true, 500, nameof(KeyState.Replaced))]
    [InlineData(true, 1000, nameof(KeyState.Expired))]
    public void Key_EndsAtItsTimeAndTheOneBeforeAtThatOfTheOverlap(bool previous, long milliseconds, string state)
    {
        var snapshot = Snapshot(row => row with { ExpiresAt = 1000, PreviousUntil = 500 });

        snapshot.FindKey(previous ? Previous : Key, DateTimeOffset.FromUnixTimeMilliseconds(milliseconds)).State.ToString().ShouldBe(state);
    }

    [Fact]
    public void RevokedKey_IsRevokedWhicheverOfTheTwoIsShown()
    {
        var snapshot = Snapshot(row => row with { RevokedAt = 1, PreviousUntil = 500 });

        snapshot.FindKey(Key, DateTimeOffset.UnixEpoch).State.ShouldBe(KeyState.Revoked);
        snapshot.FindKey(Previous, DateTimeOffset.UnixEpoch).State.ShouldBe(KeyState.Revoked);
    }

    [Fact]
    public void UserWhoIsNotThere_HasNoKeys() =>
        Snapshot(row => row with { UserName = "gone" }).FindKey(Key, DateTimeOffset.UnixEpoch).State.ShouldBe(KeyState.OwnerDisabled);

    [Fact]
    public void WhatIsNoKey_IsUnknown()
    {
        var snapshot = Snapshot(row => row);

        foreach (var text in (string[])["", "x", Key[..^1], Key + "a", new string('a', 257), new string('\uFFFD', 256)])
        {
            snapshot.FindKey(text, DateTimeOffset.UnixEpoch).ShouldBe(new KeyCheck(KeyState.Unknown, null));
        }

        AccessSnapshot.Empty.FindKey(Key, DateTimeOffset.UnixEpoch).State.ShouldBe(KeyState.Unknown);
    }

    [Fact]
    public void FindingAKey_AllocatesNothing()
    {
        var snapshot = Snapshot(row => row with { ExpiresAt = 1000 });
        for (var warmUp = 0; warmUp < 500; warmUp++)
        {
            snapshot.FindKey(Key, DateTimeOffset.UnixEpoch);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var counted = 0; counted < 500; counted++)
        {
            snapshot.FindKey(Key, DateTimeOffset.UnixEpoch);
        }

        // What the system's library takes for a hash, if it does, is for it to say.
        ((GC.GetAllocatedBytesForCurrentThread() - before) / 500).ShouldBeLessThan(100);
    }

    private static AccessSnapshot Snapshot(Func<KeyRow, KeyRow> change) => new(new AccessRows
    {
        Version = "1",
        KeyHashSecret = Convert.ToBase64String(Secret),
        TokenSecret = Convert.ToBase64String(Secret),
        Tenants = [],
        Teams = [],
        Users = [new UserRow { Name = "ann", Tenant = "acme", Roles = "user" }],
        Keys =
        [
            change(new KeyRow
            {
                Id = "key_1", Name = "ci", Tenant = "acme", Roles = "user", UserName = "ann", Hash = KeyHash.Of(Key, Secret).ToString(), PreviousHash = KeyHash.Of(Previous, Secret).ToString(), PreviousUntil = long.MaxValue,
            }),
        ],
    });
}
