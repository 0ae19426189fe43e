package pocketkms

import java.time.Instant
import org.junit.jupiter.api.Assertions.*
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import pocketkms.api.*

/** What the use of a vault costs, as Kotlin sees it. */
class BillingTest {
    private val clock = ManualClock(Instant.parse("2023-11-01T00:00:00Z"))

    private fun vault() = Vault.inMemory(RootKey.fromBytes(ByteArray(32)), clock = clock)

    @Test
    fun estimates() =
        vault().use { host ->
            val five = EstimateRequest(keys = listOf(EstimatedKeys(5)), requests = 50_000)
            assertEquals(5_090_000L, host.estimate(five).totalMicroDollars)
            val hundred = EstimateRequest(keys = listOf(EstimatedKeys(100)), requests = 1_000_000)
            assertEquals(102_940_000L, host.estimate(hundred).totalMicroDollars)
            assertEquals(240_000L, host.estimate(EstimateRequest(requests = 100_000)).totalMicroDollars)
            val all = EstimateRequest(requests = 100_000, prices = PriceList(freeRequests = 0))
            assertEquals(300_000L, host.estimate(all).totalMicroDollars)
            assertThrows<KmsException.Validation> { host.estimate(EstimateRequest(month = "2023-13")) }
            Unit
        }

    @Test
    fun aBill() =
        vault().use { host ->
            host.client().createKey(CreateKeyRequest())
            clock.advanceDays(15)
            host.client().createKey(CreateKeyRequest())
            clock.advanceDays(15)
            val bill = host.bill(BillRequest("2023-11"))
            assertEquals(1_500_000L, bill.totalMicroDollars)
            assertEquals(listOf(BillItem.KEYS, BillItem.REQUESTS), bill.lines.map { it.item })
            assertEquals(listOf(1080L, 2L), bill.usage.map { it.quantity })
            assertEquals(720, bill.hours)
            assertThrows<KmsException.Validation> { host.bill(BillRequest("november")) }
            Unit
        }
}
