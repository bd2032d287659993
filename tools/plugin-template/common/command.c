/* What the integration test runs in containers; without libraries, so that nothing but this file is needed there. */
int main(void)
{
	return 0;
}
