using LlmOps.Gateway.Guardrails.Findings;

namespace LlmOps.Tests.Guardrails;

/// <summary>Personal data of several countries, and what looks like it. Numbers are published examples or made up with right check digits.</summary>
public sealed class PersonalDataTests
{
    [Theory]
    [InlineData("Write to john.doe+news@example.co.uk.", "john.doe+news@example.co.uk")]
    [InlineData("<a_b@x-y.org>, please", "a_b@x-y.org")]
    [InlineData("mailto:info@example.com?subject=Hi", "info@example.com")]
    [InlineData("Jörg heißt jörg@müller.de", "jörg@müller.de")]
    [InlineData("联系john@example.com谢谢", "john@example.com")]
    [InlineData("user@xn--bcher-kva.example", "user@xn--bcher-kva.example")]
    [InlineData("(https://example.com),a@example.com", "a@example.com")]
    [InlineData("https://example.com?to=a@example.com", "a@example.com")]
    [InlineData("\"email\":\"JOHN@EXAMPLE.COM\"", "JOHN@EXAMPLE.COM")]
    public void EmailAddress_IsFound(string text, string value) => Found(text, PersonalDataKinds.All).ShouldBe([(FindingRules.Email, value)]);

    [Theory]
    [InlineData("git clone git@github.com:owner/repo.git")]
    [InlineData("assets/icon@2x.png and icon@3x.webp")]
    [InlineData("npm i lodash@4.17.21 @types/node@20.1.0")]
    [InlineData("@Override public void run() // @author me")]
    [InlineData("root@localhost")]
    [InlineData("https://user:pass@db.example.com/x")]
    [InlineData("5 @ 3.50 each")]
    public void LookAlikeOfEmailAddress_IsNone(string text) => Found(text, PersonalDataKinds.Email).ShouldBeEmpty();

    [Theory]
    [InlineData("Call +1 (212) 555-0123 now", "+1 (212) 555-0123")]
    [InlineData("Tel. +49 30 1234567, Berlin", "+49 30 1234567")]
    [InlineData("+49 (0)171 2345678", "+49 (0)171 2345678")]
    [InlineData("+442079460958", "+442079460958")]
    [InlineData("(+33) 1 23 45 67 89", "(+33) 1 23 45 67 89")]
    [InlineData("0049 30 1234567", "0049 30 1234567")]
    [InlineData("(212) 555-0123", "(212) 555-0123")]
    [InlineData("212.555.0123", "212.555.0123")]
    [InlineData("555-123-4567", "555-123-4567")]
    [InlineData("1-800-555-0199", "1-800-555-0199")]
    [InlineData("(call me: 030 12345678)", "030 12345678")]
    [InlineData("0171/2345678", "0171/2345678")]
    [InlineData("(030) 123456-78", "(030) 123456-78")]
    [InlineData("01 23 45 67 89", "01 23 45 67 89")]
    [InlineData("020 7946 0958", "020 7946 0958")]
    [InlineData("03-1234-5678", "03-1234-5678")]
    [InlineData("+91 98765 43210", "+91 98765 43210")]
    [InlineData("+55 11 91234-5678", "+55 11 91234-5678")]
    [InlineData("my phone number is 5551234567.", "5551234567")]
    [InlineData("Teléfono: 612 345 678", "612 345 678")]
    [InlineData("电话+8613812345678。", "+8613812345678")]
    public void PhoneNumber_IsFound(string text, string value) => Found(text, PersonalDataKinds.Phone).ShouldBe([(FindingRules.Phone, value)]);

    [Theory]
    [InlineData("order 5551234567 of 2024-01-15 10:30")]
    [InlineData("ISBN 978-3-16-148410-0, ISBN-10 0-306-40615-2")]
    [InlineData("01.02.2024, 2024/05/06, 12-31-1999, 05/06/2024")]
    [InlineData("$1,234,567.89 or 1.234.567,89 €, 12 345 678, 123 456 7890")]
    [InlineData("var x = 1700000000; y = 0x12345678; z = 3.14159265358979")]
    [InlineData("10.0.26100.1, 192.168.0.12, 1.2.3")]
    [InlineData("550e8400-e29b-41d4-a716-446655440000")]
    [InlineData("hotel 12345678 rooms")]
    [InlineData("ORD-212-555-0123-7")]
    [InlineData("a+12345678901, 1+1=2, C++20")]
    [InlineData("4111 1111 1111 1111")]
    public void LookAlikeOfPhoneNumber_IsNone(string text) => Found(text, PersonalDataKinds.Phone).ShouldBeEmpty();

    [Theory]
    [InlineData("IBAN: DE89 3704 0044 0532 0130 00, danke", "DE89 3704 0044 0532 0130 00")]
    [InlineData("GB29NWBK60161331926819", "GB29NWBK60161331926819")]
    [InlineData("GB29 NWBK 6016 1331 9268 19", "GB29 NWBK 6016 1331 9268 19")]
    [InlineData("fr1420041010050500013m02606", "fr1420041010050500013m02606")]
    [InlineData("MT84MALT011000012345MTLCAST001S.", "MT84MALT011000012345MTLCAST001S")]
    [InlineData("NO9386011117947", "NO9386011117947")]
    [InlineData("BR18 0036 0305 0000 1000 9795 493C 1", "BR18 0036 0305 0000 1000 9795 493C 1")]
    public void Iban_IsFound(string text, string value) => Found(text, PersonalDataKinds.All).ShouldBe([(FindingRules.Iban, value)]);

    [Theory]
    [InlineData("DE89 3704 0044 0532 0130 01")]
    [InlineData("DE8937040044053201300")]
    [InlineData("DE893704004405320130000")]
    [InlineData("XX89370400440532013000")]
    [InlineData("commit de89370400440532013000ab")]
    public void LookAlikeOfIban_IsNone(string text) => Found(text, PersonalDataKinds.Iban).ShouldBeEmpty();

    [Theory]
    [InlineData("4111 1111 1111 1111", "4111 1111 1111 1111")]
    [InlineData("5555-5555-5555-4444 exp 12/26", "5555-5555-5555-4444")]
    [InlineData("amex 3782 822463 10005", "3782 822463 10005")]
    [InlineData("6011111111111117,12/26", "6011111111111117")]
    [InlineData("30569309025904", "30569309025904")]
    [InlineData("3530111333300000", "3530111333300000")]
    [InlineData("6200000000000005", "6200000000000005")]
    [InlineData("2223000048410010.", "2223000048410010")]
    [InlineData("卡号4532015112830366", "4532015112830366")]
    public void CardNumber_IsFound(string text, string value) => Found(text, PersonalDataKinds.All).ShouldBe([(FindingRules.Card, value)]);

    [Theory]
    [InlineData("4111 1111 1111 1112")]
    [InlineData("4111-1111 1111-1111")]
    [InlineData("1234567812345670")]
    [InlineData("IMEI 490154203237518")]
    [InlineData("0.4111111111111111")]
    [InlineData("ORD-4111111111111111")]
    [InlineData("#4111111111111111")]
    [InlineData("a4111111111111111b")]
    [InlineData("978-0-306-40615-7")]
    [InlineData("1700000000000")]
    public void LookAlikeOfCardNumber_IsNone(string text) => Found(text, PersonalDataKinds.Card).ShouldBeEmpty();

    [Theory]
    [InlineData("SSN 123-45-6789.", "123-45-6789")]
    [InlineData("SIN 046-454-286", "046-454-286")]
    [InlineData("Steuer-ID: 86 095 742 719", "86 095 742 719")]
    [InlineData("IdNr. 47036892816", "47036892816")]
    [InlineData("NI number AB 12 34 56 C", "AB 12 34 56 C")]
    [InlineData("JG103759A", "JG103759A")]
    [InlineData("NIR 2 55 08 14 168 025 38", "2 55 08 14 168 025 38")]
    [InlineData("185057800608491", "185057800608491")]
    [InlineData("1 85 05 2A 006 084 35", "1 85 05 2A 006 084 35")]
    [InlineData("DNI 12345678Z", "12345678Z")]
    [InlineData("12.345.678-Z", "12.345.678-Z")]
    [InlineData("NIE X-1234567-L", "X-1234567-L")]
    [InlineData("CF RSSMRA85T10A562S", "RSSMRA85T10A562S")]
    [InlineData("RSSMRA85T10A56NH", "RSSMRA85T10A56NH")]
    [InlineData("PESEL 02070803628", "02070803628")]
    [InlineData("CPF 529.982.247-25", "529.982.247-25")]
    [InlineData("Aadhaar 2341 2341 2346", "2341 2341 2346")]
    [InlineData("AHV 756.9217.0769.85", "756.9217.0769.85")]
    [InlineData("RRN 85.07.30-033.28", "85.07.30-033.28")]
    [InlineData("personnummer 811218-9876", "811218-9876")]
    [InlineData("身份证11010519491231002X", "11010519491231002X")]
    public void NationalId_IsFound(string text, string value) => Found(text, PersonalDataKinds.All).ShouldBe([(FindingRules.NationalId, value)]);

    [Theory]
    [InlineData("000-12-3456, 666-12-3456, 900-12-3456, 123-00-4567, 123-45-0000")]
    [InlineData("123-456-789")]
    [InlineData("86095742718, 12345678901")]
    [InlineData("QQ123456C, BG123456A, AB123456E, ab123456c")]
    [InlineData("2 55 08 14 168 025 39")]
    [InlineData("12345678A, A1234567L")]
    [InlineData("RSSMRA85T10A562T")]
    [InlineData("529.982.247-26, 111.111.111-11")]
    [InlineData("2341 2341 2345, 2019 2020 2021, 1234 5678 9012")]
    [InlineData("756.9217.0769.84")]
    [InlineData("20240115-1030, 811218-9875")]
    [InlineData("110105194912310021")]
    [InlineData("1234-45-6789, 123-45-67890, X123-45-6789")]
    [InlineData("1700000000, 978-3-16-148410-0, 0.12345678901")]
    public void LookAlikeOfNationalId_IsNone(string text) => Found(text, PersonalDataKinds.NationalId).ShouldBeEmpty();

    [Theory]
    [InlineData("from 192.168.0.12:8080", "192.168.0.12")]
    [InlineData("8.8.8.8.", "8.8.8.8")]
    [InlineData("http://203.0.113.7/a", "203.0.113.7")]
    [InlineData("10.1.2.0/24", "10.1.2.0")]
    [InlineData("[2001:db8::1]:443", "2001:db8::1")]
    [InlineData("fe80::1ff:fe23:4567:890a%eth0", "fe80::1ff:fe23:4567:890a")]
    [InlineData("2001:0db8:85a3:0000:0000:8a2e:0370:7334.", "2001:0db8:85a3:0000:0000:8a2e:0370:7334")]
    public void IpAddress_IsFound(string text, string value) => Found(text, PersonalDataKinds.All).ShouldBe([(FindingRules.Ip, value)]);

    [Theory]
    [InlineData("Windows 10.0.26100.1, .NET 1.2.3, 1.2.3.4.5, 256.1.1.1, 01.2.3.4")]
    [InlineData("version 1.2.3.4, Version=4.0.0.0, v1.2.3.4, build: 10.2.3.4")]
    [InlineData("Chrome/120.0.0.0 Safari/537.36")]
    [InlineData("127.0.0.1, 0.0.0.0, 255.255.255.0, 224.0.0.1")]
    [InlineData("a[1::2], x[::-1], std::vector, dec::add, face::bed")]
    [InlineData("12:30:45, 00:1a:2b:3c:4d:5e, 2024:01:02")]
    public void LookAlikeOfIpAddress_IsNone(string text) => Found(text, PersonalDataKinds.Ip).ShouldBeEmpty();

    [Fact]
    public void KindThatIsNotAsked_IsNotFound()
    {
        const string text = "john@example.com, +49 30 1234567, DE89370400440532013000, 4111111111111111, 123-45-6789, 8.8.8.8";

        var found = Found(text, PersonalDataKinds.Email | PersonalDataKinds.Ip);

        found.ShouldBe([(FindingRules.Email, "john@example.com"), (FindingRules.Ip, "8.8.8.8")]);
        Found(text, PersonalDataKinds.All).Count.ShouldBe(6);
        Found(text, PersonalDataKinds.None).ShouldBeEmpty();
    }

    private static List<(string Rule, string Value)> Found(string text, PersonalDataKinds kinds) => FoundText.Of(text, new PersonalData(kinds));
}
