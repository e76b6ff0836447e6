using LlmOps.Gateway.Access.Users;

namespace LlmOps.Tests.Access;

public sealed class PasswordHashTests
{
    // The test vectors of RFC 7914, 11.
    [Theory]
    [InlineData("passwd", "salt", 1, "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783")]
    [InlineData("Password", "NaCl", 80_000, "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56a1d425a1225833549adb841b51c9b3176a272bdebba1d078478f62b397f33c8d")]
    public void HashOfOtherIterations_IsCheckedByItsOwn(string password, string salt, int iterations, string expected)
    {
        var hash = $"pbkdf2-sha256${iterations}${Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes(salt))}${Convert.ToBase64String(Convert.FromHexString(expected))}";

        PasswordHash.Matches(hash, password).ShouldBeTrue();
        PasswordHash.Matches(hash, password + "!").ShouldBeFalse();
    }

    [Fact]
    public void SamePassword_HasAnotherHashEachTime()
    {
        var (one, other) = (PasswordHash.Create("a long password"), PasswordHash.Create("a long password"));

        one.ShouldNotBe(other);
        PasswordHash.Matches(one, "a long password").ShouldBeTrue();
        PasswordHash.Matches(other, "a long password").ShouldBeTrue();
    }

    [Fact]
    public void UnknownForm_IsAFault() => Should.Throw<FormatException>(() => PasswordHash.Matches("md5$x", "a long password"));
}
