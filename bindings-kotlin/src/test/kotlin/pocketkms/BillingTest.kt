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
            val five = EstimateRequest(keys = listOf(EstimatedKeys(5u)), requests = 50_000u)
            assertEquals(5_090_000uL, host.estimate(five).totalMicroDollars)
            val hundred = EstimateRequest(keys = listOf(EstimatedKeys(100u)), requests = 1_000_000u)
            assertEquals(102_940_000uL, host.estimate(hundred).totalMicroDollars)
            assertEquals(240_000uL, host.estimate(EstimateRequest(requests = 100_000u)).totalMicroDollars)
            val all = EstimateRequest(requests = 100_000u, prices = PriceList(freeRequests = 0u))
            assertEquals(300_000uL, host.estimate(all).totalMicroDollars)
            assertThrows<KmsException.Validation> { host.estimate(EstimateRequest(month = "2023-13")) }
            Unit
        }

    @Test
    fun aBill() =
        vault().use { host ->
            host.client().createKey(CreateKeyRequest())
            clock.advanceDays(15u)
            host.client().createKey(CreateKeyRequest())
            clock.advanceDays(15u)
            val bill = host.bill(BillRequest("2023-11"))
            assertEquals(1_500_000uL, bill.totalMicroDollars)
            assertEquals(listOf(BillItem.KEYS, BillItem.REQUESTS), bill.lines.map { it.item })
            assertEquals(listOf(1080uL, 2uL), bill.usage.map { it.quantity })
            assertEquals(720u, bill.hours)
            assertThrows<KmsException.Validation> { host.bill(BillRequest("november")) }
            Unit
        }
}
