"""Names of n8n's node types: to tell an invented one, and to name the one that it is near to."""

from __future__ import annotations

from difflib import get_close_matches
from functools import lru_cache

from runfold.importers.n8n.document import AI, BASE

_BASE = """
actionNetwork activeCampaign activeCampaignTrigger acuitySchedulingTrigger adalo affinity
affinityTrigger aggregate agileCrm airtable airtableTrigger airtop aiTransform amqp amqpTrigger
apiTemplateIo asana asanaTrigger autopilot autopilotTrigger awsBedrock awsCertificateManager
awsCognito awsComprehend awsDynamoDb awsElb awsIam awsLambda awsRekognition awsS3 awsSes awsSns
awsSnsTrigger awsSqs awsTextract awsTranscribe azureCosmosDb azureStorage bambooHr bannerbear
baserow beeminder bitbucketTrigger bitly bitwarden box boxTrigger Brandfetch brandfetch bubble cal
calendlyTrigger calTrigger chargebee chargebeeTrigger circleCi ciscoWebex ciscoWebexTrigger
citrixAdc clearbit clickUp clickUpTrigger clockify clockifyTrigger cloudflare cockpit coda code
coinGecko compareDatasets compression confluence contentful convertKit convertKitTrigger
convertToFile copper copperTrigger cortex crateDb cron crowdDev crypto currents currentsTrigger
customerIo customerIoTrigger databricks dataTable dateTime debugHelper deepL demio dhl discord
discourse disqus drift dropbox dropcontact dynamicCredentialCheck e2eTest e2eTestPollingTrigger
editImage egoi elastic elasticsearch elasticSecurity emailReadImap emailSend emelia emeliaTrigger
erpNext errorTrigger evaluation evaluationTrigger eventbriteTrigger executeCommand executeWorkflow
executeWorkflowTrigger executionData extractFromFile facebookGraphApi facebookLeadAdsTrigger
facebookTrigger figmaTrigger filemaker filter flow flowTrigger form formIoTrigger formstackTrigger
formTrigger freshdesk freshservice freshworksCrm ftp function functionItem getResponse
getResponseTrigger ghost git github githubTrigger gitlab gitlabTrigger gmail gmailTrigger gong
googleAds googleAnalytics googleBigQuery googleBooks googleBusinessProfile
googleBusinessProfileTrigger googleCalendar googleCalendarTrigger googleChat
googleCloudNaturalLanguage googleCloudStorage googleContacts googleDocs googleDrive
googleDriveTrigger googleFirebaseCloudFirestore googleFirebaseRealtimeDatabase googlePerspective
googleSheets googleSheetsTrigger googleSlides googleTasks googleTranslate gotify goToWebinar
grafana graphql grist gSuiteAdmin gumroadTrigger hackerNews haloPSA harvest helpScout
helpScoutTrigger highLevel homeAssistant html htmlExtract httpRequest hubspot hubspotTrigger
humanticAi hunter iCal if intercom interval invoiceNinja invoiceNinjaTrigger itemLists iterable
jenkins jinaAi jira jiraTrigger jotFormTrigger jwt kafka kafkaTrigger keap keapTrigger kitemaker
koBoToolbox koBoToolboxTrigger ldap lemlist lemlistTrigger limit line linear linearTrigger
lingvaNex linkedIn localFileTrigger loneScale loneScaleTrigger magento2 mailcheck mailchimp
mailchimpTrigger mailerLite mailerLiteTrigger mailgun mailjet mailjetTrigger mandrill
manualTrigger markdown marketstack matrix mattermost mautic mauticTrigger medium merge
messageAnAgent messageBird metabase microsoftDynamicsCrm microsoftEntra microsoftExcel
microsoftExcelSharePoint microsoftGraphSecurity microsoftOneDrive microsoftOneDriveTrigger
microsoftOutlook microsoftOutlookTrigger microsoftSharePoint microsoftSql microsoftTeams
microsoftTeamsTrigger microsoftToDo mindee misp mistralAi mocean mondayCom mongoDb monicaCrm
moveBinaryData mqtt mqttTrigger msg91 mySql n8n n8nTrainingCustomerDatastore
n8nTrainingCustomerMessenger n8nTrigger nasa netlify netlifyTrigger netscalerAdc nextCloud nocoDb
noOp notion notionTrigger npm odoo okta oneSimpleApi onfleet onfleetTrigger openAi openThesaurus
openWeatherMap oracleDatabase orbit oura paddle pagerDuty payPal payPalTrigger peekalink
perplexity phantombuster philipsHue pipedrive pipedriveTrigger plivo postBin postgres
postgresTrigger postHog postmarkTrigger profitWell pushbullet pushcut pushcutTrigger pushover
questDb quickbase quickbooks quickChart rabbitmq rabbitmqTrigger raindrop readBinaryFile
readBinaryFiles readPDF readWriteFile reddit redis redisTrigger removeDuplicates renameKeys
respondToWebhook rocketchat rssFeedRead rssFeedReadTrigger rundeck s3 salesforce salesforceTrigger
salesmate scheduleTrigger seaTable seaTableTrigger securityScorecard segment sendGrid sendInBlue
sendInBlueTrigger sendy sentryIo serviceNow set shopify shopifyTrigger signl4 simulate
simulateTrigger slack slackTrigger sms77 snowflake sort splitInBatches splitOut splunk spontit
spotify spreadsheetFile sseTrigger ssh stackby start stickyNote stopAndError storyblok strapi
strava stravaTrigger stripe stripeTrigger summarize supabase surveyMonkeyTrigger switch syncroMsp
taiga taigaTrigger tapfiliate telegram telegramTrigger theHive theHiveProject
thehiveProjectTrigger theHiveProjectTrigger theHiveTrigger timeSaved timescaleDb todoist
togglTrigger totp travisCi trello trelloTrigger twake twilio twilioTrigger twist twitter
typeformTrigger unleashedSoftware uplead uproc uptimeRobot urlScanIo venafiTlsProtectCloud
venafiTlsProtectCloudTrigger venafiTlsProtectDatacenter vero vonage wait webflow webflowTrigger
webhook wekan whatsApp whatsAppTrigger wise wiseTrigger wooCommerce wooCommerceTrigger wordpress
workableTrigger workflowTrigger writeBinaryFile wufooTrigger xero xml yourls youTube zammad
zendesk zendeskTrigger zohoCrm zoom zulip
"""
_AI = """
agent agentTool alibabaCloud anthropic chainLlm chainRetrievalQa chainSummarization chat
chatHubVectorStorePGVector chatHubVectorStorePinecone chatHubVectorStoreQdrant chatTrigger code
documentBinaryInputLoader documentDefaultDataLoader documentGithubLoader documentJsonInputLoader
embeddingsAwsBedrock embeddingsAzureOpenAi embeddingsCohere embeddingsGoogleGemini
embeddingsGoogleVertex embeddingsHuggingFaceInference embeddingsLemonade embeddingsMistralCloud
embeddingsNvidia embeddingsOllama embeddingsOpenAi embeddingsOracleDb googleGemini guardrails
informationExtractor lmChatAlibabaCloud lmChatAnthropic lmChatAwsBedrock lmChatAzureOpenAi
lmChatCohere lmChatDatabricks lmChatDeepSeek lmChatGoogleGemini lmChatGoogleVertex lmChatGroq
lmChatLemonade lmChatMinimax lmChatMistralCloud lmChatMoonshot lmChatNvidia lmChatOllama
lmChatOpenAi lmChatOpenRouter lmChatVercelAiGateway lmChatXAiGrok lmCohere lmLemonade lmOllama
lmOpenAi lmOpenHuggingFaceInference manualChatTrigger mcpClient mcpClientTool
mcpRegistryClientTool mcpTrigger memoryBufferWindow memoryChatRetriever memoryManager
memoryMongoDbChat memoryMotorhead memoryPostgresChat memoryRedisChat memoryXata memoryZep
microsoftAgent365Trigger minimax modelSelector moonshot ollama openAi openAiAssistant
outputParserAutofixing outputParserItemList outputParserStructured rerankerCohere
retrieverContextualCompression retrieverMultiQuery retrieverVectorStore retrieverWorkflow
sentimentAnalysis textClassifier textSplitterCharacterTextSplitter
textSplitterRecursiveCharacterTextSplitter textSplitterTokenSplitter toolCalculator toolCode
toolExecutor toolHttpRequest toolSearXng toolSerpApi toolThink toolVectorStore toolWikipedia
toolWolframAlpha toolWorkflow vectorStoreAzureAISearch vectorStoreChromaDB vectorStoreInMemory
vectorStoreInMemoryInsert vectorStoreInMemoryLoad vectorStoreMilvus vectorStoreMongoDBAtlas
vectorStoreOracleDBVector vectorStorePGVector vectorStorePinecone vectorStorePineconeInsert
vectorStorePineconeLoad vectorStoreQdrant vectorStoreRedis vectorStoreSupabase
vectorStoreSupabaseInsert vectorStoreSupabaseLoad vectorStoreWeaviate vectorStoreZep
vectorStoreZepInsert vectorStoreZepLoad
"""
OF_BASE, OF_AI = frozenset(_BASE.split()), frozenset(_AI.split())
"""Names without their packages."""
KNOWN = tuple(sorted([f"{BASE}.{one}" for one in OF_BASE] + [f"{AI}.{one}" for one in OF_AI]))
"""Whole names."""
_WHOLE = {one.rpartition(".")[2].lower(): one for one in sorted(KNOWN, reverse=True)} | {
    one.lower(): f"{BASE}.{one}" for one in OF_BASE
}
"""Name without its package, in small letters → the whole; n8n's own before those of models."""


@lru_cache(maxsize=1024)
def nearest(type_: str) -> str:
    """The type that a name is nearest to; empty when it is near to none."""
    # Without their packages: those are alike anyhow, and long to compare.
    found = get_close_matches(type_.rpartition(".")[2].lower(), _WHOLE, n=1)
    return _WHOLE[found[0]] if found else ""
