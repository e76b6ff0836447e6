using LlmOps.Gateway.Caching.Semantic.Qdrant;

namespace LlmOps.Tests.Caching.Semantic;

/// <summary>The connection string of Qdrant.</summary>
public sealed class QdrantAddressTests
{
    [Theory]
    [InlineData("http://localhost:6333", "http://localhost:6333/", null)]
    [InlineData("Endpoint=http://q:6333;Key=k=1", "http://q:6333/", "k=1")]
    [InlineData("key=k; endpoint=https://q/base/", "https://q/base/", "k")]
    public void ConnectionString_IsAnAddressOrItsParts(string text, string endpoint, string? key)
    {
        var faults = new List<string>();
        var address = QdrantAddress.Read(new QdrantOptions(), text, faults).ShouldNotBeNull();
        (address.Endpoint.ToString(), address.ApiKey?.Reveal()).ShouldBe((endpoint, key));
        faults.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("Endpoint=ftp://q")]
    [InlineData("Key=verysecret")]
    [InlineData("Endpoint=http://q;Kye=verysecret")]
    public void WrongConnectionString_IsAFault_ThatQuotesNoKey(string text)
    {
        var faults = new List<string>();
        QdrantAddress.Read(new QdrantOptions(), text, faults).ShouldBeNull();
        faults.ShouldHaveSingleItem().ShouldContain("ConnectionStrings:qdrant");
        faults[0].ShouldNotContain("verysecret");
    }
}
