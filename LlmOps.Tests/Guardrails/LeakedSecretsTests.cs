using LlmOps.Gateway.Guardrails.Findings;

namespace LlmOps.Tests.Guardrails;

/// <summary>Secrets, all made up, and what looks like them. A ¦ in them is left out, so that scanners of repositories stay quiet.</summary>
public sealed class LeakedSecretsTests
{
    private const string Pem = "-----BEGIN RSA PRI¦VATE KEY-----\nMIIEpAIBAAKCAQEA7bq98k7gmVv3tB0h6Qe1nq0pXr5s\nq0pXr5s8Zt1==\n-----END RSA PRIVATE KEY-----";

    [Theory]
    [InlineData("key sk-¦proj-Ab3dEf6hIj9kLm2nOp5qRs8t")]
    [InlineData("sk-¦ant-api03-Zx81Kq_mW2vB-7nLp4RtY9cD3fGh6")]
    [InlineData("sk-¦1234567890abcdef1234567890abcdef")]
    [InlineData("sk-¦abcdefghijklmnopqrstuvwxyz")]
    [InlineData("sk-¦or-v1-0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f9")]
    [InlineData("sk-¦llmops-Ab3dEf6hIj9kLm2nOp5qRs8t")]
    [InlineData("gsk_¦Ab3dEf6hIj9kLm2nOp5qRs8tUv1wXy4z")]
    [InlineData("AIza¦SyD3k9LmN0pQrStUvWxYz1234567890abc")]
    [InlineData("AKIA¦IOSFODNN7EXAMPLE")]
    [InlineData("ghp_¦16C7e42F292c6912E7710c838347Ae178B4a")]
    [InlineData("github_pat_¦11ABCDEFG0a1b2c3d4e5f6_g7h8i9j0k1l2m3n4o5p6")]
    [InlineData("glpat-¦a1B2c3D4e5F6g7H8i9J0")]
    [InlineData("xoxb-¦123456789012-abcDEF456ghiJKL789")]
    [InlineData("sk_¦live_51H8abcDEF123ghiJKL456")]
    [InlineData("hf_¦AbCdEfGhIjKlMnOpQrStUvWxYzAbCdEfGh")]
    [InlineData("npm_¦a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8")]
    [InlineData("SG.¦a1B2c3D4e5F6g7H8i9J0kQ.l1M2n3O4p5Q6r7S8t9U0v1W2x3Y4z5A6b7C8d9E0f1G")]
    [InlineData("SK¦0123456789abcdef0123456789abcdef")]
    public void ProviderKey_IsFoundInSentences(string marked)
    {
        var key = marked.Replace("¦", "", StringComparison.Ordinal).Replace("key ", "", StringComparison.Ordinal);

        FoundText.Of($"Use {key}, please: \"{key}\". 密钥{key}。", new LeakedSecrets()).ShouldBe(Enumerable.Repeat((FindingRules.ProviderKey, key), 3));
    }

    [Theory]
    [InlineData("sk-your-api-key-here, sk-..., sk-xxxxxxxxxxxxxxxxxxxxxxxx, sk-<token>")]
    [InlineData("OPENAI_API_KEY=sk-your-openai-api-key-1234567890, sk-example-1234567890abcdef")]
    [InlineData("a risk-assessment-of-2024-and-beyond1234567")]
    [InlineData("from sk-learn; .sk-chase-dot-before2-animation")]
    [InlineData("ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx")]
    [InlineData("RISK and SKU 12, hf_hub_download(repo), npm_config_registry, AKIA")]
    [InlineData("class SG.Something.Else.Entirely.Different.Namespace")]
    public void LookAlikeOfProviderKey_IsNone(string text) => Found(text).ShouldBeEmpty();

    [Fact]
    public void PrivateKey_IsFoundToItsEnd()
    {
        var key = Marked(Pem);

        Found($"Here:\n{key}\nThanks").ShouldBe([(FindingRules.PrivateKey, key)]);
    }

    [Fact]
    public void PrivateKeyInJson_IsFound()
    {
        var key = Marked(Pem).Replace("\n", "\\n", StringComparison.Ordinal);

        Found($"{{\"private_key\": \"{key}\\n\"}}").ShouldBe([(FindingRules.PrivateKey, key)]);
    }

    [Fact]
    public void ProtectedPrivateKey_IsFoundWithItsHeaders()
    {
        var key = Marked(Pem).Replace("KEY-----\nMII", "KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0123456789ABCDEF\n\nMII", StringComparison.Ordinal);

        Found(key).ShouldBe([(FindingRules.PrivateKey, key)]);
    }

    [Fact]
    public void PrivateKeyWithoutEnd_IsFoundUpToTheNextWords()
    {
        var key = Marked("-----BEGIN PRI¦VATE KEY-----\nMIIEpAIBAAKCAQEA7bq98k7gmVv3tB0h6Qe1nq0pXr5s");

        Found($"{key} and so on").ShouldBe([(FindingRules.PrivateKey, key)]);
    }

    [Theory]
    [InlineData("The file begins with -----BEGIN PRI¦VATE KEY----- and then has base64 lines.")]
    [InlineData("-----BEGIN PRI¦VATE KEY-----\n...\n-----END PRI¦VATE KEY-----")]
    [InlineData("-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA7bq98\n-----END PUBLIC KEY-----")]
    [InlineData("-----BEGIN CERTIFICATE-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA7bq98\n-----END CERTIFICATE-----")]
    public void LookAlikeOfPrivateKey_IsNone(string text) => Found(Marked(text)).ShouldBeEmpty();

    [Fact]
    public void Jwt_IsFoundWhole()
    {
        var token = Marked("eyJ¦hbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U");

        Found($"cookie {token}; path=/").ShouldBe([(FindingRules.Jwt, token)]);
        Found("eyJhbGciOiJIUzI1NiJ9 alone, eyJhbGciOiJIUzI1NiJ9.x.y").ShouldBeEmpty();
    }

    [Theory]
    [InlineData("postgres://app:s3cr3t@db.internal:5432/app", "s3cr3t")]
    [InlineData("redis://:hunter2@cache:6379", "hunter2")]
    [InlineData("https://me:p4:ss@example.com", "p4:ss")]
    public void PasswordInUrl_IsFound(string text, string value) => Found(text).ShouldBe([(FindingRules.PasswordInUrl, value)]);

    [Theory]
    [InlineData("postgres://user:password@host, amqp://guest:guest@mq, mysql://root:$PASS@db, a://b:<pw>@c, a://b:****@c, a://b:xxx@c")]
    [InlineData("http://localhost:8080/@me, https://example.com:443, ssh://git@example.com")]
    public void LookAlikeOfPasswordInUrl_IsNone(string text) => Found(text).ShouldBeEmpty();

    [Theory]
    [InlineData("api_key = \"9fJ2kLmQ8vXz4TbN7rWc\"", "9fJ2kLmQ8vXz4TbN7rWc")]
    [InlineData("{\"clientSecret\":\"a1b2c3d4e5f60718293a4b5c6d7e8f90\"}", "a1b2c3d4e5f60718293a4b5c6d7e8f90")]
    [InlineData("Authorization: Bearer v9Qx2LmZ8kTr4WnB7cYp5HsD", "v9Qx2LmZ8kTr4WnB7cYp5HsD")]
    [InlineData("Authorization: Basic dXNlcjpwYXNzd29yZDEyMzQ1Ng==", "dXNlcjpwYXNzd29yZDEyMzQ1Ng==")]
    [InlineData("aws_secret_access_key=wJalrXUtnFEMI/K7MDENG/bPxRfiCYzK4q8L2mQ7", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzK4q8L2mQ7")]
    [InlineData("the token is: 7Gh2Kp9Xw4Lm1Qz8Vn5Rt3.", null)]
    [InlineData("token: 7Gh2Kp9Xw4Lm1Qz8Vn5Rt3.", "7Gh2Kp9Xw4Lm1Qz8Vn5Rt3")]
    public void RandomTokenThatIsCalledASecret_IsFound(string text, string? value) =>
        Found(text).ShouldBe(value is null ? [] : [(FindingRules.HighEntropy, value)]);

    [Theory]
    [InlineData("commit 9fceb02d0ae598e95dc970b74767f19372d61af8")]
    [InlineData("cache key: 9fceb02d0ae598e95dc970b74767f19372d61af8")]
    [InlineData("token = 550e8400-e29b-41d4-a716-446655440000")]
    [InlineData("key=com.example.SomeVeryLong2ndClassNameFactory, token: GetAccessTokenAsync2ndVersion()")]
    [InlineData("api_key = your-api-key-0123456789abcdef, secret=<token>, password=xxxxxxxxxxxxxxxxxxxxxxxx1")]
    [InlineData("key: /usr/local/share/x86_64/lib64/python3.11/site")]
    [InlineData("key: uploads/2024/01/02/img_0042.png, model key = claude-3-5-sonnet-20241022")]
    [InlineData("max_tokens: 1024, token_count=20240115103000")]
    [InlineData("src=\"data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAUAAAAFCAYAAACNbyblAAAAHElEQVQI12P4\"")]
    [InlineData("bearer of bad news; the key to success is: perseverance")]
    [InlineData("https://example.com/a1B2c3D4e5F6g7H8i9J0k1L2m3?id=9fJ2kLmQ8vXz4TbN7rWc")]
    public void LookAlikeOfSecret_IsNone(string text) => Found(text).ShouldBeEmpty();

    [Fact]
    public void MarksOfSecrets_AreNoBeginningsOfOthers()
    {
        string[] marks = [.. ProviderKeys.Marks, JsonWebTokens.Mark, PrivateKeys.Mark];

        marks.ShouldAllBe(mark => !marks.Any(other => other != mark && other.StartsWith(mark, StringComparison.Ordinal)));
    }

    private static List<(string Rule, string Value)> Found(string text) => FoundText.Of(text, new LeakedSecrets());

    private static string Marked(string text) => text.Replace("¦", "", StringComparison.Ordinal);
}
